//! Files and paths.

use std::ops::Range;
use std::rc::Rc;

use super::super::run::{Args, Run};
use super::super::value::{ENTRY, Value, clip};
use super::super::words::classify_path;
use super::super::{ActKind, SourceKind};
use super::Call;

/// Two parts of a path.
pub(in super::super) fn join_path(left: Value, right: &Value) -> Value {
    let path = left.path.clone();
    let separator = left.first_text().is_none_or(|text| !text.ends_with('/'))
        && right.first_text().is_none_or(|text| !text.starts_with('/'));
    let mut out = if left.texts.is_empty() && right.texts.is_empty() {
        left.concat(right)
    } else if separator {
        let left = if left.texts.is_empty() { Value { texts: left.texts_or_hole(), ..left } } else { left };
        left.concat(&Value::text("/")).concat(right)
    } else {
        left.concat(right)
    };
    // An absolute part begins anew.
    if let Some(text) = right.first_text().filter(|text| text.starts_with(['/', '~'])) {
        out.texts = vec![text.clone()];
    }
    out.path = path;
    out
}

/// A property of a path that is a path.
pub(super) fn path_member(value: &Value, name: &str) -> Option<Value> {
    let text = value.first_text()?;
    let text: Rc<str> = match name {
        "parent" => text.rsplit_once('/').map_or("\u{1}", |(head, _)| head).into(),
        "name" | "stem" => text.rsplit('/').next().unwrap_or_default().into(),
        "parents" => "\u{1}".into(),
        _ => return None,
    };
    Some(Value { texts: vec![text], path: value.path.clone(), taints: value.taints.clone(), ..Value::default() })
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn call(run: &mut Run, call: &Call<'_>) -> Option<Value> {
    let Call { path, owner, name, args, range } = *call;
    let first = args.at(0);
    match path {
        "open" | "io.open" | "codecs.open" | "aiofiles.open" | "gzip.open" | "builtins.open" | "Path().open" => {
            let of_path = path == "Path().open";
            let file = if of_path { owner.cloned().unwrap_or_default() } else { args.get(0, "file") };
            let mode = args.get(usize::from(!of_path), "mode");
            return Some(open(run, &file, &mode, range));
        }
        "Path" | "pathlib.Path" | "PurePath" | "pathlib.PurePath" | "pathlib.PosixPath" => {
            let mut out = first;
            for part in args.list.iter().skip(1) {
                out = join_path(out, part);
            }
            return Some(out.with_path("Path()"));
        }
        "Path.home" | "pathlib.Path.home" | "os.homedir" | "homedir" => {
            return Some(Value::text("~").with_path("Path()"));
        }
        "Path.cwd" | "pathlib.Path.cwd" | "os.getcwd" | "process.cwd" => {
            return Some(Value::text(".").with_path("Path()"));
        }
        "os.path.join" | "path.join" | "path.resolve" | "path.posix.join" | "posixpath.join" => {
            let mut parts = args.list.iter().cloned();
            let mut out = parts.next().unwrap_or_default();
            for part in parts {
                out = join_path(out, &part);
            }
            return Some(Value { path: None, ..out });
        }
        "os.path.expanduser" | "os.path.abspath" | "os.path.realpath" | "os.path.normpath" | "os.path.expandvars"
        | "os.fspath" | "path.normalize" | "os.path.dirname" | "path.dirname" | "untildify" | "expandHome" => {
            let drop = path.ends_with("dirname");
            return Some(if drop { path_member(&first, "parent").unwrap_or(first) } else { first });
        }
        "os.walk"
        | "os.listdir"
        | "os.scandir"
        | "fs.readdirSync"
        | "fs.readdir"
        | "fs.promises.readdir"
        | "fs/promises.readdir" => {
            let entries = walk(run, &first, None, range);
            return Some(listed(path, &first, entries));
        }
        "glob.glob" | "glob.iglob" | "glob.sync" | "glob" | "fast-glob" | "fast-glob.sync" | "globby" => {
            return Some(walk(run, &first, Some(""), range));
        }
        "sqlite3.connect" | "better-sqlite3" | "sqlite3.Database" => {
            let store = first.texts.iter().any(|text| classify_path(text).is_some());
            let value = if store { run.rec.read(&first, range) } else { Value::default() };
            return Some(value.with_path("Database()"));
        }
        "dotenv.dotenv_values" | "dotenv_values" => {
            let name = first.first_text().cloned().unwrap_or_else(|| ".env".into());
            return Some(run.rec.origin(SourceKind::EnvFile, range, &name));
        }
        "tarfile.open" | "zipfile.ZipFile" => {
            return Some(Value { taints: Vec::new(), ..args.get(0, "name") }.with_path("Archive()"));
        }
        "Archive().add" | "Archive().write" => {
            let content = run.rec.read(&first, range);
            if let Some(archive) = owner.and_then(Value::first_text) {
                run.rec.fill_file(archive, &content);
            }
            return Some(Value::default());
        }
        "shutil.make_archive" => {
            let content = run.rec.read(&args.get(2, "root_dir"), range);
            let made = first.first_text().map_or_else(|| Rc::from("\u{1}"), |base| clip(&[base, "."].concat()));
            run.rec.fill_file(&made, &content);
            return Some(Value { texts: vec![made], ..content });
        }
        "shutil.copy" | "shutil.copy2" | "shutil.copyfile" | "shutil.copytree" | "fs.copyFileSync" | "fs.copyFile"
        | "shutil.move" | "fs.cpSync" => {
            let content = run.rec.read(&first, range);
            let to = args.at(1);
            run.rec.write(path, &to, &content, range);
            return Some(to);
        }
        "os.rename" | "os.replace" | "fs.renameSync" | "fs.rename" => {
            run.rec.act(ActKind::Rename, range);
            return Some(Value::default());
        }
        "os.remove" | "os.unlink" | "shutil.rmtree" | "fs.unlinkSync" | "fs.unlink" | "fs.rmSync" | "fs.rm"
        | "fs.promises.unlink" | "Path().unlink" => {
            run.rec.act(ActKind::Remove, range);
            return Some(Value::default());
        }
        "json.dump" | "yaml.dump" | "yaml.safe_dump" | "pickle.dump" => {
            return Some(written(run, path, &args.at(1), &first, range));
        }
        _ => {}
    }
    let module = path.split('.').next().unwrap_or_default();
    let node = matches!(module, "fs" | "fs/promises" | "fs-extra" | "fsp" | "Deno" | "Bun");
    match name {
        "readFileSync" | "readFile" | "createReadStream" | "readTextFile" | "readTextFileSync" | "readJson"
        | "readJsonSync"
            if node || path.is_empty() =>
        {
            let content = run.rec.read(&first, range);
            for id in args.list.iter().filter_map(|value| value.function).collect::<Vec<_>>() {
                let given = Args { list: vec![Value::default(), content.clone()], named: Vec::new() };
                run.invoke(id, &given, None);
            }
            Some(content)
        }
        "file" if path == "Bun.file" => Some(run.rec.read(&first, range)),
        "writeFileSync" | "writeFile" | "appendFileSync" | "appendFile" | "writeTextFile" | "writeTextFileSync"
        | "outputFile"
            if node || path.is_empty() =>
        {
            Some(written(run, name, &first, &args.at(1), range))
        }
        "createWriteStream" if node => Some(Value { taints: Vec::new(), ..first }.with_path("File()")),
        "read_text" | "read_bytes" => owner.map(|owner| run.rec.read(owner, range)),
        "write_text" | "write_bytes" => owner.map(|owner| written(run, name, owner, &first, range)),
        "glob" | "rglob" if owner.is_some() => {
            let pattern = first.first_text().cloned().unwrap_or_else(|| "*".into());
            Some(walk(run, owner?, Some(&pattern), range))
        }
        "iterdir" => owner.map(|owner| walk(run, owner, None, range)),
        "expanduser" | "resolve" | "absolute" | "joinpath" | "with_suffix" | "with_name"
            if owner.is_some_and(|owner| !owner.texts.is_empty()) =>
        {
            let mut out = owner?.clone();
            for part in args.list.iter().filter(|_| name == "joinpath") {
                out = join_path(out, part);
            }
            Some(out)
        }
        "write" | "writelines" if owner.is_some_and(|owner| owner.is_path("File()")) => {
            let file = owner?.clone();
            Some(written(run, "write", &Value { taints: Vec::new(), ..file }, &first, range))
        }
        "read" | "readlines" | "readline" if owner.is_some_and(|owner| owner.is_path("File()")) => {
            owner.map(Value::content)
        }
        "read"
            if owner
                .is_some_and(|owner| owner.path.as_deref().is_some_and(|path| path.ends_with("ConfigParser()"))) =>
        {
            Some(run.rec.read(&first, range))
        }
        "unlink" if owner.is_some() && args.list.is_empty() => {
            run.rec.act(ActKind::Remove, range);
            Some(Value::default())
        }
        _ => None,
    }
}

fn written(run: &mut Run, call: &str, path: &Value, data: &Value, range: &Range<usize>) -> Value {
    run.rec.write(call, path, data, range);
    Value::default()
}

fn open(run: &mut Run, file: &Value, mode: &Value, range: &Range<usize>) -> Value {
    let writes = mode.first_text().is_some_and(|mode| mode.contains(['w', 'a', 'x', '+']));
    let content = if writes { Value::default() } else { run.rec.read(file, range) };
    Value { texts: file.texts.clone(), variable: file.variable.clone(), ..content }.with_path("File()")
}

/// The entries of a folder.
fn walk(run: &mut Run, folder: &Value, pattern: Option<&str>, range: &Range<usize>) -> Value {
    let texts = folder.texts_or_hole();
    let entry = |text: &Rc<str>| -> Rc<str> {
        match pattern {
            Some("") => text.clone(),
            Some(pattern) => clip(&[text.trim_end_matches('/'), "/", pattern].concat()),
            None => clip(&format!("{}/{ENTRY}", text.trim_end_matches('/'))),
        }
    };
    let out = Value { texts: texts.iter().map(entry).collect(), taints: folder.taints.clone(), ..Value::default() };
    if out.texts.iter().any(|text| classify_path(text) == Some(SourceKind::UserFiles)) {
        run.rec.act(ActKind::WalkUserFiles, range);
    }
    out.with_path("Path()")
}

/// `os.walk` gives folders, their folders and their files; the others give names.
fn listed(path: &str, folder: &Value, entries: Value) -> Value {
    let name = Value { texts: vec![ENTRY.to_string().into()], ..Value::default() };
    if path == "os.walk" {
        let mut triple = Value::default();
        triple.set_field("0", Value { path: None, ..folder.clone() }, false);
        triple.set_field("1", name.clone(), false);
        triple.set_field("2", name, false);
        let mut out = Value::default();
        out.set_field("0", triple, false);
        return out;
    }
    if path == "os.scandir" { entries } else { name }
}
