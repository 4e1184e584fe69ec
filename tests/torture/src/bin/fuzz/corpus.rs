//! Calls that once failed (tests/torture/fuzz_calls/*.sql): they are made first, in every run.

use std::error::Error;
use std::fs;

use lifecycle_tests::checks::Checks;
use lifecycle_tests::server::Server;

/// Replays them, each in a session of its own. A file's first line says what it answers, `-- answers PE400`, 00000
/// being success; it is undone.
pub fn replay(server: &Server, checks: &mut Checks) -> Result<(), Box<dyn Error>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz_calls");
    let mut files: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::path);
    for file in files {
        let sql = fs::read_to_string(file.path())?;
        let name = file.file_name().to_string_lossy().into_owned();
        let expected = sql.lines().next().and_then(|line| line.strip_prefix("-- answers ")).ok_or("no -- answers")?;
        let mut client = server.connect()?;
        client.batch_execute("BEGIN")?;
        let found = match client.batch_execute(&sql) {
            Ok(()) => "00000".to_owned(),
            Err(error) => error.code().map_or_else(|| error.to_string(), |state| state.code().to_owned()),
        };
        client.batch_execute("ROLLBACK")?;
        checks.equal(&format!("fuzz_calls/{name}"), expected, &found);
    }
    Ok(())
}
