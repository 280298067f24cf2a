//! Hides how an image gets into a folder of this machine without a detour: it is written on the thread that sealed it, whose
//! cache still holds it. Whole under its name or not at all.
//!
//! Only for writes that nobody waits for until they are on the disk: those go the store's own way.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::rand;
use bytes::Bytes;

/// A write that takes longer held up others of its thread. A thread that has to wait for a processor takes some milliseconds too:
/// that is no fault of the disk.
const SLOW: Duration = Duration::from_millis(20);
/// For so long after a slow write the next ones are made beside the runtime.
const WARY: Duration = Duration::from_secs(1);
/// How often a folder is made that somebody removes at that very moment.
const TRIES: usize = 5;

/// A folder of sealed images.
pub(crate) struct Disk {
    root: PathBuf,
    /// Until then the disk counts as slow.
    slow_until: Mutex<Option<Instant>>,
}

impl Disk {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self {
            root,
            slow_until: Mutex::new(None),
        }
    }

    /// Whether the object is new; one that exists is left alone. `key` is made of path-safe names.
    pub(crate) async fn create(&self, key: &str, content: Bytes) -> io::Result<bool> {
        let path = self.root.join(key);
        if self.is_slow() {
            let work = tokio::task::spawn_blocking(move || create(&path, &content));
            return work.await.map_err(io::Error::other)?;
        }
        let begun = Instant::now();
        let created = create(&path, &content);
        if begun.elapsed() > SLOW {
            *self.slow_until() = Some(Instant::now() + WARY);
        }
        created
    }

    fn is_slow(&self) -> bool {
        self.slow_until()
            .is_some_and(|until| Instant::now() < until)
    }

    fn slow_until(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        // Nothing panics while it holds the lock.
        self.slow_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes the content beside its place, under a name of this one attempt, and moves it there.
fn create(path: &Path, content: &[u8]) -> io::Result<bool> {
    let (mut file, staged) = stage(path)?;
    let published = file
        .write_all(content)
        .and_then(|()| publish(&staged, path));
    if !matches!(published, Ok(true)) {
        let _ = fs::remove_file(&staged);
    }
    published
}

/// A new file beside the place, and its name, which [`is_staged`] knows.
fn stage(path: &Path) -> io::Result<(File, PathBuf)> {
    let mut number = [0; 8];
    rand::fill(&mut number).map_err(|_| io::Error::other("the system gives no random numbers"))?;
    let mut name = path.as_os_str().to_owned();
    name.push(format!("#{}", u64::from_be_bytes(number)));
    let staged = PathBuf::from(name);
    let mut tries = 0;
    loop {
        make_folder(path)?;
        let opened = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&staged);
        tries += 1;
        match opened {
            // An emptied folder is removed, by whoever emptied it.
            Err(error) if error.kind() == ErrorKind::NotFound && tries < TRIES => {}
            opened => return opened.map(|file| (file, staged)),
        }
    }
}

/// Makes the verification's folder. One that is there may hold what a crash left of this image.
fn make_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    match fs::create_dir(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => remove_staged(folder, path),
        Err(error) if error.kind() == ErrorKind::NotFound => fs::create_dir_all(folder),
        made => made,
    }
}

/// Removes half-written files of this image. Where one is still being written its writer fails, and tries again: no two
/// attempts share a name, so nothing half written is ever moved to its place.
fn remove_staged(folder: &Path, path: &Path) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let found = entry.file_name();
        if is_staged(&found.to_string_lossy()) == Some(&*name) {
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// The name of the image whose half-written file this is: `NAME#NUMBER`.
pub(crate) fn is_staged(name: &str) -> Option<&str> {
    let (name, number) = name.rsplit_once('#')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(name)
}

/// Moves a file to a place that is free. Answers whether it was.
#[cfg(target_os = "linux")]
fn publish(staged: &Path, path: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    match renameat_with(CWD, staged, CWD, path, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        // A file system that does not know how.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => link(staged, path),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn publish(staged: &Path, path: &Path) -> io::Result<bool> {
    link(staged, path)
}

/// The same, by a second name.
fn link(staged: &Path, path: &Path) -> io::Result<bool> {
    match fs::hard_link(staged, path) {
        Ok(()) => fs::remove_file(staged).map(|()| true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_there_is_left_alone_and_what_a_crash_left_is_removed() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("acme/01");
        let path = folder.join("photo");
        assert!(create(&path, b"first").unwrap());
        fs::write(folder.join("photo#17"), b"fi").unwrap();
        fs::write(folder.join("signature#17"), b"of another one").unwrap();
        assert!(!create(&path, b"second").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(names(&folder), ["photo", "signature#17"]);
    }

    #[test]
    fn links_do_as_well() {
        let root = tempfile::tempdir().unwrap();
        let (staged, path) = (root.path().join("photo#1"), root.path().join("photo"));
        fs::write(&staged, b"first").unwrap();
        assert!(link(&staged, &path).unwrap());
        fs::write(&staged, b"second").unwrap();
        assert!(!link(&staged, &path).unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"first");
    }

    #[test]
    fn of_many_who_write_at_once_one_is_the_first() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("acme/01/photo");
        let content = vec![7; 300_000];
        let created: Vec<_> = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        (0..50)
                            .filter_map(|_| create(&path, &content).ok())
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            writers
                .into_iter()
                .flat_map(|writer| writer.join().unwrap())
                .collect()
        });
        assert_eq!(created.iter().filter(|created| **created).count(), 1);
        assert_eq!(fs::read(&path).unwrap(), content);
        assert_eq!(names(path.parent().unwrap()), ["photo"]);
    }

    #[tokio::test]
    async fn a_disk_that_was_slow_is_written_to_beside_the_runtime() {
        let root = tempfile::tempdir().unwrap();
        let disk = Disk::new(root.path().to_owned());
        assert!(
            disk.create("acme/01/photo", Bytes::from_static(b"1"))
                .await
                .unwrap()
        );
        *disk.slow_until() = Some(Instant::now() + WARY);
        assert!(disk.is_slow());
        assert!(
            disk.create("acme/02/photo", Bytes::from_static(b"2"))
                .await
                .unwrap()
        );
        assert!(
            !disk
                .create("acme/02/photo", Bytes::from_static(b"3"))
                .await
                .unwrap()
        );
        assert_eq!(fs::read(root.path().join("acme/02/photo")).unwrap(), b"2");
    }
}
