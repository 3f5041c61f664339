//! Names that stored data never needs to call.

/// Modules all of whose functions reach out of the data: processes, network, code, files.
const MODULES: &[&str] = &[
    "_posixsubprocess",
    "_pickle",
    "aiohttp",
    "asyncio",
    "bdb",
    "cProfile",
    "code",
    "codeop",
    "commands",
    "ctypes",
    "doctest",
    "ftplib",
    "http",
    "httplib",
    "httpx",
    "imp",
    "importlib",
    "marshal",
    "multiprocessing",
    "nt",
    "os",
    "pdb",
    "pickle",
    "pip",
    "pkgutil",
    "popen2",
    "posix",
    "profile",
    "pty",
    "pydoc",
    "requests",
    "runpy",
    "shutil",
    "smtplib",
    "socket",
    "subprocess",
    "sys",
    "telnetlib",
    "timeit",
    "trace",
    "urllib",
    "urllib2",
    "urllib3",
    "venv",
    "webbrowser",
    "zipimport",
];

/// Built-in functions that run or reach code.
const BUILTINS: &[&str] = &[
    "__import__",
    "apply",
    "breakpoint",
    "compile",
    "delattr",
    "eval",
    "exec",
    "execfile",
    "getattr",
    "globals",
    "input",
    "open",
    "setattr",
    "vars",
];

/// Single functions of modules that are harmless otherwise.
const FUNCTIONS: &[(&str, &str)] = &[
    ("distutils.file_util", "write_file"),
    ("distutils.spawn", "spawn"),
    ("numpy.testing._private.utils", "runstring"),
    ("operator", "attrgetter"),
    ("operator", "methodcaller"),
    ("platform", "popen"),
    ("torch", "load"),
    ("torch.hub", "load"),
    ("types", "CodeType"),
    ("types", "FunctionType"),
];

/// The full name, when calling it does more than making a value. Since protocol 4 a name may lead
/// through attributes, so a harmless module may stand before a dangerous one.
pub(super) fn dangerous(module: &[u8], name: &[u8]) -> Option<String> {
    // Longer names than any of these are of no interest.
    let text = |bytes: &[u8]| std::str::from_utf8(bytes.get(..200).unwrap_or(bytes)).ok().map(str::to_owned);
    let (module, name) = (text(module)?, text(name)?);
    let root = module.split('.').next().unwrap_or_default();
    let last = name.rsplit('.').next().unwrap_or_default();
    let through = name.split('.').rev().skip(1);
    let found = MODULES.contains(&root)
        || matches!(root, "builtins" | "__builtin__") && name.split('.').any(|part| BUILTINS.contains(&part))
        || through.clone().any(|part| MODULES.contains(&part) || part == "__builtins__" || part == "builtins")
        || through.count() > 0 && BUILTINS.contains(&last)
        || FUNCTIONS.contains(&(module.as_str(), name.as_str()));
    found.then(|| format!("{module}.{name}").chars().filter(|c| !c.is_control()).collect())
}

#[cfg(test)]
mod tests {
    use super::dangerous;

    #[test]
    fn by_module_and_by_name() {
        let is = |module: &str, name: &str| dangerous(module.as_bytes(), name.as_bytes()).is_some();
        assert!(is("subprocess", "Popen"));
        assert!(is("builtins", "exec"));
        assert!(is("urllib.request", "urlopen"));
        assert!(is("a.b", "c.os.system"));
        assert!(is("torch", "serialization.os.system"));
        assert!(!is("builtins", "set"));
        assert!(!is("collections", "OrderedDict"));
        assert!(!is("numpy.core.multiarray", "_reconstruct"));
        assert!(!is("ossaudio", "x"));
        assert!(!is("pathlib", "PosixPath"));
    }
}
