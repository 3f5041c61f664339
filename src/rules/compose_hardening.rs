//! What a compose file gives the gateway's container beyond a container's rights.

use crate::model::compose::{Service, services};
use crate::rule::prelude::*;

const COMPOSE: &[DocumentKind] = &[DocumentKind::Compose];

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "compose.docker_socket",
        summary: "The gateway's container can control Docker on the host",
        severity: Severity::Critical,
        high: true,
        profiles: Profiles::OURS,
        scope: Scope::Config,
        cwe: &[250, 269],
        why: "The Docker socket is root on the host: one command of the agent, or of a prompt that got through to it, starts \
              a container that mounts everything. Mounting the socket read-only changes nothing.",
        remedy: "Remove the mount; for sandboxes use a rootless Docker of its own or a socket proxy that only allows what \
                 they need.",
        bad: &[Example::files(&[(
            "docker-compose.yml",
            "services:\n  openclaw-gateway:\n    volumes:\n      - ./data:/data\n      - «/var/run/docker.sock:/var/run/docker.sock:ro»\n",
        )])],
        good: &[Example::files(&[(
            "docker-compose.yml",
            "services:\n  openclaw-gateway:\n    environment:\n      DOCKER_HOST: tcp://socket-proxy:2375\n  socket-proxy:\n    volumes: [\"/var/run/docker.sock:/var/run/docker.sock:ro\"]\n",
        )])],
        check: Check::Document(COMPOSE, docker_socket),
        ..Rule::DEFAULT
    },
    Rule {
        id: "compose.privileged",
        summary: "The gateway's container runs privileged",
        severity: Severity::Critical,
        high: true,
        profiles: Profiles::OURS,
        scope: Scope::Config,
        cwe: &[250],
        why: "A privileged container sees the host's devices and kernel interfaces: what the agent runs in it is not \
              contained.",
        remedy: "Remove privileged: true and add the one capability or device that is needed, if any.",
        bad: &[Example::files(&[("docker-compose.yml", "services:\n  openclaw:\n    privileged: «true»\n")])],
        good: &[Example::files(&[(
            "docker-compose.yml",
            "services:\n  openclaw:\n    privileged: false\n  dind:\n    privileged: true\n",
        )])],
        check: Check::Document(COMPOSE, privileged),
        ..Rule::DEFAULT
    },
    Rule {
        id: "compose.dangerous_capability",
        summary: "The gateway's container has a capability that undoes its isolation",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        scope: Scope::Config,
        cwe: &[250],
        why: "With such a capability code in the container mounts file systems, loads modules, reads other processes or \
              rewrites the network of the host.",
        remedy: "Remove the capability, or run the part that needs it in a container of its own.",
        bad: &[Example::files(&[(
            "docker-compose.yml",
            "services:\n  openclaw:\n    cap_add: [CHOWN, «SYS_ADMIN», «\"CAP_NET_ADMIN\"»]\n",
        )])],
        good: &[Example::files(&[(
            "docker-compose.yml",
            "services:\n  openclaw:\n    cap_drop: [ALL]\n    cap_add: [CHOWN, NET_BIND_SERVICE]\n  tailscale:\n    cap_add: [NET_ADMIN]\n",
        )])],
        check: Check::Document(COMPOSE, capabilities),
        ..Rule::DEFAULT
    },
    Rule {
        id: "compose.root_user",
        summary: "The gateway's container runs as root",
        severity: Severity::Warn,
        profiles: Profiles::OURS,
        scope: Scope::Config,
        cwe: &[250],
        why: "Root in the container owns every mounted file of the host and is one kernel weakness away from the host's \
              root.",
        remedy: "Remove the user key, so that the image's own unprivileged user is taken, and give that user the mounts.",
        bad: &[
            Example::files(&[("docker-compose.yml", "services:\n  openclaw:\n    user: «root»\n")]),
            Example::files(&[(
                "docker-compose.yml",
                "services:\n  openclaw:\n    user: «\"0:0\"»\n  gw2:\n    image: openclaw:local\n    user: «0»\n",
            )]),
        ],
        good: &[Example::files(&[(
            "docker-compose.yml",
            "services:\n  openclaw:\n    user: \"1000:0\"\n  init:\n    image: busybox\n    user: root\n",
        )])],
        check: Check::Document(COMPOSE, root_user),
        ..Rule::DEFAULT
    },
    Rule {
        id: "compose.host_mount",
        summary: "The gateway's container mounts a sensitive directory of the host",
        severity: Severity::Warn,
        high: true,
        profiles: Profiles::OURS,
        scope: Scope::Config,
        cwe: &[552, 668],
        why: "The agent's tools read what is mounted, and with a writable mount they change it: keys, start-up files, other \
              people's data.",
        remedy: "Mount only the directories the agent works on, and those it only reads with :ro.",
        bad: &[Example::files(&[(
            "docker-compose.yml",
            "services:\n  openclaw:\n    volumes:\n      - «/:/host:ro»\n      - «~/.ssh:/home/node/.ssh:ro»\n      - type: bind\n        source: «/etc»\n        target: /etc\n",
        )])],
        good: &[Example::files(&[(
            "docker-compose.yml",
            "services:\n  openclaw:\n    volumes:\n      - /etc/localtime:/etc/localtime:ro\n      - ${HOME}/.openclaw:/home/node/.openclaw\n      - data:/etc\n      - ./root:/root\nvolumes:\n  data:\n",
        )])],
        check: Check::Document(COMPOSE, host_mount),
        ..Rule::DEFAULT
    },
];

/// Mount sources with the place of each.
fn sources<'a>(service: &Service<'a>) -> Vec<(String, Found<'a>)> {
    let source = |item: Found<'a>| {
        if item.is_map() {
            let source = item.get("source");
            return Some((source.text()?.text.to_string(), source));
        }
        let text = &item.text()?.text;
        Some((text.split(':').next()?.to_owned(), item))
    };
    service.found.get("volumes").items().filter_map(source).collect()
}

fn docker_socket(document: &Document, _: &Project, report: &mut Report) {
    for service in services(document) {
        for (source, found) in sources(&service) {
            if source.ends_with("/docker.sock")
                || source.ends_with("/containerd.sock")
                || source.ends_with("/podman.sock")
            {
                let message = format!("{} mounts the socket of the container engine", service.name);
                report.at(found.place(), message).fix(Safety::Unsafe, "Remove the mount", [found.remove()]);
            }
        }
    }
}

fn privileged(document: &Document, _: &Project, report: &mut Report) {
    for service in services(document) {
        let flag = service.found.get("privileged");
        if flag.is_true() {
            let message = format!("{} is privileged", service.name);
            report.at(flag.place(), message).fix(Safety::Unsafe, "Remove privileged", [flag.remove()]);
        }
    }
}

fn capabilities(document: &Document, _: &Project, report: &mut Report) {
    const DANGEROUS: [&str; 12] = [
        "ALL",
        "SYS_ADMIN",
        "SYS_PTRACE",
        "SYS_MODULE",
        "SYS_RAWIO",
        "SYS_BOOT",
        "NET_ADMIN",
        "DAC_READ_SEARCH",
        "BPF",
        "MKNOD",
        "SYSLOG",
        "PERFMON",
    ];
    for service in services(document) {
        for (name, item) in service.found.get("cap_add").strings() {
            let upper = name.to_ascii_uppercase();
            if DANGEROUS.contains(&upper.strip_prefix("CAP_").unwrap_or(&upper)) {
                let message = format!("{} adds the capability {name}", service.name);
                let title = "Remove the capability";
                report.at(item.place(), message).fix(Safety::Unsafe, title, [item.remove()]);
            }
        }
    }
}

fn root_user(document: &Document, _: &Project, report: &mut Report) {
    for service in services(document) {
        let user = service.found.get("user");
        let name = user.str().and_then(|text| text.split(':').next());
        if user.number() == Some(0.0) || matches!(name, Some("root" | "0")) {
            report.at(user.place(), format!("{} runs as root", service.name));
        }
    }
}

fn host_mount(document: &Document, _: &Project, report: &mut Report) {
    for service in services(document) {
        for (source, found) in sources(&service) {
            if is_sensitive(&source) {
                report.at(found.place(), format!("{} mounts {source} of the host", service.name));
            }
        }
    }
}

/// Whole trees of the host, and the directories of a home that hold keys.
fn is_sensitive(source: &str) -> bool {
    let path = source.trim_end_matches('/');
    let whole =
        ["/etc", "/root", "/home", "/var", "/usr", "/boot", "/dev", "/proc", "/sys", "/run", "/var/run", "/Users"];
    let keys = ["/.ssh", "/.aws", "/.gnupg", "/.kube", "/.docker", "/.config/gcloud", "/.azure"];
    let home = matches!(path, "~" | "$HOME" | "${HOME}");
    source == "/" || home || whole.contains(&path) || keys.iter().any(|end| path.ends_with(end))
}
