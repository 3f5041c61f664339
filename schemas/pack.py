#!/usr/bin/env python3
"""Packs key tables into the text that src/model/schema reads.

usage: pack.py FACTS_DIR

FACTS_DIR holds keys-<version>.json (dotted path -> {t, ap, enum, req, ...}, `*` for a map key or array item),
legacy-map-to-<version>.json and plugin-ids.json. Writes beside itself; the same input gives the same bytes.
The format is described in README.md.
"""
import collections, json, pathlib, re, sys

HERE = pathlib.Path(__file__).resolve().parent
TABLES = {
    "openclaw-2026.2.24": "keys-2026.2.24.json",
    "openclaw-2026.5.12": "keys-2026.5.12.json",
    "openclaw-2026.9.6": "keys-2026.9.6.json",
    "closedclaw-2026.2.1": "keys-closedclaw-2026.2.1.json",
}
LETTERS = {"string": "s", "number": "n", "integer": "i", "boolean": "b", "array": "a", "null": "z", "any": "?"}
# Accepted at load although the exported schema omits them (measured).
ALSO = {
    "openclaw-2026.5.12": {
        "plugins.installs": {"t": "object", "ap": "map"},
        "plugins.installs.*": {"t": "object", "ap": True},
        "channels.defaults": {"t": "object", "ap": True},
        "channels.modelByChannel": {"t": "object", "ap": "map"},
        "channels.modelByChannel.*": {"t": "object", "ap": "map"},
        "channels.modelByChannel.*.*": {"t": "string"},
        "canvasHost": {"t": "object", "ap": True},
    },
    "openclaw-2026.9.6": {
        "agents.defaults.contextTokens": {"t": "integer", "xmin": 0},
        "models.providers.*.contextTokens": {"t": "integer", "xmin": 0},
        "models.providers.*.contextWindow": {"t": "number", "xmin": 0},
    },
}
# `req` holds for one branch of these unions only: (parent, key) -> the branch, or None for "never by this table".
BRANCHES = [
    (r"accessGroups\.\*\.(channelId|guildId)", "type=discord.channelAudience"),
    (r"accessGroups\.\*\.members", "type=message.senders"),
    (r"bindings\.\*\.type", None),
    (r"channels\.signal(\.accounts\.\*)?\.transport\.url", "kind!=managed-native"),
    (r"channels\.twitch(\.accounts\.\*)?\.\w+", None),
    (r".*\.request\.auth\.token", "mode=authorization-bearer"),
    (r".*\.request\.auth\.(headerName|value)", "mode=header"),
    (r".*\.request\.proxy\.url", "mode=explicit-proxy"),
    (r"secrets\.providers\.\*\.path", "source=file"),
    (r"secrets\.providers\.\*\.(command|pluginIntegration)", None),
]
LOOK = {  # JavaScript patterns with look-around, as (must match, must not match)
    r"^(?!\s*-)": ("", r"^\s*-"),
    r"^(?!\*$)(?![Gg][Rr][Oo][Uu][Pp]:).+": (".", r"^(\*$|(?i:group):)"),
    r"^\/(?!\/)[^\0]*[^/\0]$": (r"^/[^\x00]*[^/\x00]$", "^//"),
    r"^[Hh][Tt][Tt][Pp][Ss]?:\/\/(?![^/?#]*@)": (r"^(?i:https?)://", r"^(?i:https?)://[^/?#]*@"),
    r"^(?!(?:constructor|prototype)$)[a-z0-9][a-z0-9_-]{0,63}$": ("^[a-z0-9][a-z0-9_-]{0,63}$", "^(constructor|prototype)$"),
    r"^(?!\s)(?![\s\S]*\s$)[^\p{Cs}]{1,64}$": (r"(?s)^.{1,64}$", r"^\s|\s$"),
    r"^(?!\s)(?![\s\S]*\s$)(?![\s\S]*\.\.)[^\p{Cc}\p{Cs}/\\]{1,512}$": (r"(?s)^[^\pC/\\]{1,512}$", r"^\s|\s$|\.\."),
    r"^(?!\s)(?![\s\S]*\s$)[^\p{Cs}]{1,128}$": (r"(?s)^.{1,128}$", r"^\s|\s$"),
    r"^(?:[1-9][0-9]*[hd]|(?:[6-9][0-9]|[1-9][0-9]{2,})m)(?![\s\S])": (r"^([1-9][0-9]*[hd]|([6-9][0-9]|[1-9][0-9]{2,})m)$", ""),
    r"^(?:[1-9][0-9]*d|(?:2[4-9]|[3-9][0-9]|[1-9][0-9]{2,})h|(?:14[4-9][0-9]|1[5-9][0-9]{2}|[2-9][0-9]{3}|[1-9][0-9]{4,})m)(?![\s\S])":
        (r"^([1-9][0-9]*d|(2[4-9]|[3-9][0-9]|[1-9][0-9]{2,})h|(14[4-9][0-9]|1[5-9][0-9]{2}|[2-9][0-9]{3}|[1-9][0-9]{4,})m)$", ""),
}


def pattern(source):
    """The pattern as `/…/` words of the format: Rust syntax, no space, no look-around."""
    must, never = LOOK.get(source, (source, ""))
    assert "(?=" not in must and "(?!" not in must, source
    word = lambda text: text.replace("\\/", "/").replace("\\d", "[0-9]").replace(" ", "\\x20")
    return [f"/{word(must)}"] * bool(must) + [f"!/{word(never)}"] * bool(never)


def kinds(spec):
    names = spec["t"] if isinstance(spec["t"], list) else [spec["t"]]
    if "object" in names and spec.get("ap") is False:
        # A branch without a type only adds a condition: the object is closed all the same.
        names = [name for name in names if name != "any"]
    letters = "".join(LETTERS[name] for name in names if name != "object")
    if "object" in names:
        letters += {False: "o", "map": "m", True: "O"}[spec.get("ap", False)]
    return letters


def number(value):
    return str(int(value)) if float(value).is_integer() else str(value)


def secret_ref(names):
    return {"source", "provider", "id"} == set(names)


def describe(path, spec):
    """Everything behind a key's name, without its children."""
    flags, words = "", []
    if spec.get("req") and "default" not in spec:
        branch = next((branch for parent, branch in BRANCHES if re.fullmatch(parent, path)), "")
        if branch:
            words.append(f"?{branch}")
        elif branch == "":
            flags += "!"
    free = any(key in spec for key in ("pattern", "format")) and "enum" in spec
    if "enum" in spec:
        assert not any("|" in str(item) or " " in str(item) for item in spec["enum"])
        words.append(("~" if free else "") + "=" + "|".join(json.dumps(i) if not isinstance(i, str) or i in ("true", "false") or re.fullmatch(r"[\d.]+", i) else i for i in spec["enum"]))
    for key, sign in (("min", ">="), ("xmin", ">"), ("max", "<=")):
        if key in spec:
            words.append(sign + number(spec[key]))
    if "minLen" in spec or "maxLen" in spec:
        words.append(f"#{spec.get('minLen', 0)}..{spec.get('maxLen', '')}")
    if "minItems" in spec or "maxItems" in spec:
        words.append(f"[{spec.get('minItems', 0)}..{spec.get('maxItems', '')}")
    if "pattern" in spec and not path.endswith((".provider", ".id")) and not free:
        words += pattern(spec["pattern"])
    if "keyPattern" in spec:
        words += ["@" + word for word in pattern(spec["keyPattern"])]
    if spec.get("format") == "uri" and not free:
        words.append("~uri")
    return " ".join([kinds(spec) + flags, *words])


def tree(table):
    root = {}
    for path in sorted(table, key=lambda path: path.split(".")):
        here = root
        for part in path.split("."):
            here = here.setdefault(part, {})
    return root


def pack(name, table):
    table = table | ALSO.get(name, {})
    bodies, count, hint = {}, collections.Counter(), {}

    def lines(node, path):
        """The canonical lines of a node's children."""
        out = []
        for key in sorted(node, key=lambda key: (key == "*", key)):
            full = f"{path}.{key}" if path else key
            assert full in table, full
            text = f"{key} {describe(full, table[full])}"
            below = lines(node[key], full)
            if secret_ref(node[key]) and "object" in table[full]["t"]:
                text, below = text + " &ref", ()  # checked by name, see src/model/schema/validate.rs
            out.append((text, below))
        out = tuple(out)
        if out:
            count[out] += 1
            hint.setdefault(out, next((part for part in reversed(path.split(".")) if part != "*"), "root"))
        return out

    root = lines(tree(table), "")
    size = lambda body: sum(1 + size(below) for _, below in body)
    shared = [body for body, times in count.items() if times > 1 and body is not root and (size(body) > 1 or len(body[0][0]) > 24)]
    # Deepest first, so that a definition names only earlier ones.
    height = lambda body: 1 + max((height(below) for _, below in body), default=0)
    shared.sort(key=lambda body: (height(body), hint[body], repr(body)))
    index = {body: at for at, body in enumerate(shared)}
    text = [f"# Every key that the configuration schema of {name.replace('-', ' ')} knows. Written by pack.py; see README.md."]

    def emit(body, depth):
        for head, below in body:
            if below in index:
                text.append(" " * depth + f"{head} &{index[below]}")
                continue
            text.append(" " * depth + head)
            emit(below, depth + 1)

    for body in shared:
        text.append(f"= {index[body]} {hint[body]}")
        emit(body, 1)
    text.append("= root")
    emit(root, 1)
    (HERE / f"{name}.txt").write_text("\n".join(text) + "\n")
    print(f"{name}: {len(table)} keys, {len(text)} lines, {len(shared)} shared, {(HERE / f'{name}.txt').stat().st_size} bytes")


def legacy(facts):
    """One line for each subtree that moves, vanishes or stays alike; the longest prefix decides."""
    table, accounts = {}, {}
    for path, entry in json.loads((facts / "legacy-map-to-9.6.json").read_text()).items():
        to = entry.get("to", [None])[0]
        if to and to.startswith("meta.migrations"):
            continue  # a marker that the migrator leaves, not the new home of the value
        if path in ALSO["openclaw-2026.9.6"]:
            continue
        if path.endswith((".source", ".provider", ".id")) and path.rpartition(".")[0] in table:
            continue  # part of a secret reference that moves as a whole
        if to and path.endswith(".*") and to.endswith(".*"):
            path, to = path[:-2], to[:-2]  # a list moves as a whole
        base = re.sub(r"^(channels\.[^.]+)\.accounts\.\*", r"\1", path)
        accounts[path] = base
        table[path] = {"move": to, "rewrite": f"~{to}", "remove": "-", "none": "?"}[entry["action"]]
    # An account of a channel goes the way of the channel itself: the reader strips `accounts.*`.
    plain = lambda text: re.sub(r"^(channels\.[^.]+)\.accounts\.\*", r"\1", text.replace("~", ""))
    for path, base in accounts.items():
        if path != base and base in table and plain(table[path]) == plain(table[base]):
            del table[path]
    rules = {}

    def answer(path):
        parts = path.split(".")
        for size in range(len(parts), 0, -1):
            to = rules.get(".".join(parts[:size]))
            if to is None:
                continue
            rest = parts[size:]
            return to if to[0] in "-?~" or not rest else ".".join([to, *rest])
        return None

    def stems(path, to):
        """Ever shorter (prefix, target) pairs that would explain the entry."""
        yield path, to
        if to[0] in "-?":
            while "." in path:
                path = path.rpartition(".")[0]
                yield path, to
        elif to[0] != "~":
            while "." in path and "." in to and path.rpartition(".")[2] == to.rpartition(".")[2]:
                path, to = path.rpartition(".")[0], to.rpartition(".")[0]
                yield path, to

    support = collections.Counter(stem for item in table.items() for stem in stems(*item))
    inside = lambda prefix: [item for item in table.items() if item[0] == prefix or item[0].startswith(prefix + ".")]
    known = set(json.loads((facts / TABLES["openclaw-2026.9.6"]).read_text()))
    for (prefix, to), times in sorted(support.items(), key=lambda item: (item[0][0].count("."), item[0])):
        # A whole subtree may vanish only if the newest table has nothing there.
        lives = any(key == prefix or key.startswith(prefix + ".") for key in known)
        if to[0] in "-?":
            fits = not lives and times == len(inside(prefix))
        else:
            fits = 3 * times > len(inside(prefix))
        if times >= 2 and fits and answer(prefix) != to:
            rules[prefix] = to
    for path in sorted(table, key=lambda path: path.count(".")):
        if answer(path) != table[path]:
            rules[path] = table[path]
    wrong = [(path, to, answer(path)) for path, to in table.items() if answer(path) != to]
    assert not wrong, wrong
    head = "# Where keys that 2026.9.6 refuses went. `-` dropped, `?` left alone, `~` rewritten. Written by pack.py; see README.md."
    text = [head, *(f"{path} {to}" for path, to in sorted(rules.items()))]
    (HERE / "moved.txt").write_text("\n".join(text) + "\n")
    print(f"moved: {len(table)} paths, {len(text)} lines, {(HERE / 'moved.txt').stat().st_size} bytes")


def plugins(facts):
    table = json.loads((facts / "plugin-ids.json").read_text())
    text = ["# Plugin ids that each release ships. Written by pack.py."]
    for version, ids in sorted(table.items()):
        text += [f"= {version}", *sorted(ids)]
    (HERE / "plugin-ids.txt").write_text("\n".join(text) + "\n")


def main():
    facts = pathlib.Path(sys.argv[1])
    for name, file in TABLES.items():
        pack(name, json.loads((facts / file).read_text()))
    legacy(facts)
    plugins(facts)


if __name__ == "__main__":
    main()
