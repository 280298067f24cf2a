//! Files and folders that only their owner can read.

use std::{
    fs::{DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

/// Makes a folder and those above it that are missing. One that exists keeps its mode.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Writes a new file, which is on disk when this returns.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] if there is a file or a link with this name. A link is not followed.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Writes a file, in place of a file or a link with this name. What a link points to is left alone.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match create(path, bytes) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            std::fs::remove_file(path)?;
            create(path, bytes)
        }
        written => written,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, Permissions},
        os::unix::fs::{PermissionsExt, symlink},
    };

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_link_is_replaced_and_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (target, link) = (dir.path().join("target"), dir.path().join("link"));
        fs::write(&target, "before").unwrap();
        symlink(&target, &link).unwrap();
        let refused = create(&link, b"secret").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        write(&link, b"secret").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"before");
        assert_eq!(fs::read(&link).unwrap(), b"secret");
        assert!(fs::symlink_metadata(&link).unwrap().is_file());
    }

    #[test]
    fn files_and_folders_are_their_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("a/b");
        make_folder(&folder).unwrap();
        make_folder(&folder).unwrap();
        assert_eq!((mode(&folder), mode(&dir.path().join("a"))), (0o700, 0o700));
        let file = folder.join("file");
        fs::write(&file, "before").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o666)).unwrap();
        write(&file, b"secret").unwrap();
        assert_eq!(mode(&file), 0o600);
    }
}
