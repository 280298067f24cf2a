//! A folder that can be made to fail. Where this process may mount a file system, the folder has its own; elsewhere a file
//! takes the folder's place.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

/// A folder on its own file system where one can be mounted.
pub struct Disk {
    folder: PathBuf,
    mounted: bool,
}

impl Disk {
    /// Makes the folder, on a file system of `bytes` where one can be mounted.
    ///
    /// # Panics
    /// When the folder cannot be made.
    pub fn at(folder: &Path, bytes: usize) -> Self {
        fs::create_dir_all(folder).expect("the folder can be made");
        let size = format!("size={bytes}");
        let mounted = mount(&["-t", "tmpfs", "-o", &size, "tmpfs"], folder);
        Self {
            folder: folder.to_owned(),
            mounted,
        }
    }

    /// Makes the folder read-only, or writable again.
    ///
    /// # Panics
    /// When the state cannot be changed.
    pub fn read_only(&self, is_so: bool) {
        if self.mounted {
            let how = if is_so { "remount,ro" } else { "remount,rw" };
            assert!(mount(&["-o", how], &self.folder), "{how}");
        } else {
            self.away(is_so);
        }
    }

    /// Fills the disk, or frees the space again.
    ///
    /// # Panics
    /// When the state cannot be changed.
    pub fn full(&self, is_so: bool) {
        let ballast = self.folder.join("ballast");
        match (self.mounted, is_so) {
            (false, _) => self.away(is_so),
            (true, false) => fs::remove_file(ballast).expect("the ballast is there"),
            (true, true) => {
                // Writes until the disk is full. The bytes that were written stay.
                let mut file = fs::File::create(ballast).expect("there is room for a name");
                while std::io::Write::write_all(&mut file, &[0; 4096]).is_ok() {}
            }
        }
    }

    /// Puts a file in the folder's place, or moves the folder back. Where permissions apply, they deny writes too.
    fn away(&self, is_so: bool) {
        let aside = self.folder.with_extension("aside");
        if is_so {
            fs::rename(&self.folder, &aside).expect("it can be renamed");
            fs::write(&self.folder, "").expect("a file fits in its place");
            fs::set_permissions(&aside, fs::Permissions::from_mode(0o500))
                .expect("its permissions can be changed");
        } else {
            fs::set_permissions(&aside, fs::Permissions::from_mode(0o700))
                .expect("its permissions can be changed");
            fs::remove_file(&self.folder).expect("the file is there");
            fs::rename(&aside, &self.folder).expect("it can be renamed");
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.mounted {
            // Unmounts lazily: a worker may still use it.
            let _ = Command::new("umount").arg("-l").arg(&self.folder).status();
        }
    }
}

fn mount(arguments: &[&str], folder: &Path) -> bool {
    let mut command = Command::new("mount");
    command.args(arguments).arg(folder);
    command.stderr(std::process::Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
