//! Writes images to a local folder on the thread that sealed them, because the image is still in the cache of its
//! processor. An image exists completely under its name or not at all.
//!
//! Used only without fsync. Otherwise `object_store` writes the images.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::rand;
use bytes::Bytes;

/// A write that takes longer delays other tasks of its thread. The value is not smaller because a thread that waits for
/// a processor takes some milliseconds too, on any disk.
const SLOW: Duration = Duration::from_millis(20);
/// The time after a slow write in which writes are made on blocking threads.
const WARY: Duration = Duration::from_secs(1);
/// The most attempts to create a folder that another task removes at the same time.
const TRIES: usize = 5;

/// A folder of sealed images.
pub(crate) struct Disk {
    root: PathBuf,
    /// The disk counts as slow until then.
    slow_until: Mutex<Option<Instant>>,
}

impl Disk {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self {
            root,
            slow_until: Mutex::new(None),
        }
    }

    /// Creates an object and returns `true`, or returns `false` if it already exists. `key` consists of path-safe
    /// names.
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
        // No code panics while it holds the lock, so poisoning is ignored.
        self.slow_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes the content to a file with a unique name in the same folder, and renames it.
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

/// Creates a file in the folder of `path`, with a name that [`is_staged`] recognises.
fn stage(path: &Path) -> io::Result<(File, PathBuf)> {
    let mut number = [0; 8];
    rand::fill(&mut number)
        .map_err(|_| io::Error::other("the operating system returned no random numbers"))?;
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
            // A task that deleted the last file of the folder may have removed the folder since.
            Err(error) if error.kind() == ErrorKind::NotFound && tries < TRIES => {}
            opened => return opened.map(|file| (file, staged)),
        }
    }
}

/// Creates the folder of the verification. An existing one may contain half-written files of this image, which are
/// removed.
fn make_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    match fs::create_dir(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => remove_staged(folder, path),
        Err(error) if error.kind() == ErrorKind::NotFound => fs::create_dir_all(folder),
        made => made,
    }
}

/// Removes half-written files of this image.
///
/// If another attempt is still writing one of them, that attempt fails and is repeated. File names are unique to an
/// attempt, so a half-written file is never renamed to the name of the image.
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

/// Returns the name of the image if `name` is the name of a half-written file, `NAME#NUMBER`.
pub(crate) fn is_staged(name: &str) -> Option<&str> {
    let (name, number) = name.rsplit_once('#')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(name)
}

/// Renames a file unless the new name is taken. Returns whether it was free.
#[cfg(target_os = "linux")]
fn publish(staged: &Path, path: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    match renameat_with(CWD, staged, CWD, path, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        // The file system does not support the flag.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => link(staged, path),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn publish(staged: &Path, path: &Path) -> io::Result<bool> {
    link(staged, path)
}

/// Does the same as [`publish`] with a hard link.
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
    fn an_existing_image_is_not_changed_and_half_written_files_are_removed() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("acme/01");
        let path = folder.join("photo");
        assert!(create(&path, b"first").unwrap());
        fs::write(folder.join("photo#17"), b"fi").unwrap();
        fs::write(folder.join("signature#17"), b"of another image").unwrap();
        assert!(!create(&path, b"second").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(names(&folder), ["photo", "signature#17"]);
    }

    #[test]
    fn hard_links_have_the_same_effect() {
        let root = tempfile::tempdir().unwrap();
        let (staged, path) = (root.path().join("photo#1"), root.path().join("photo"));
        fs::write(&staged, b"first").unwrap();
        assert!(link(&staged, &path).unwrap());
        fs::write(&staged, b"second").unwrap();
        assert!(!link(&staged, &path).unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"first");
    }

    #[test]
    fn only_one_of_many_concurrent_writers_creates_the_image() {
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
    async fn a_slow_disk_is_written_to_on_blocking_threads() {
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
