//! Where a file comes to stand: under its name only when it is whole.
//!
//! In goes a path that somebody named, out comes the path to write to. A file is written beside its
//! place and renamed. What is there and is no regular file (a device, a pipe) is never replaced by
//! one: it is written to as it is. A symbolic link is followed, and stays.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Links that are followed one after the other; what Linux follows too.
const LINKS_MAX: usize = 40;

/// A place for a file that is being written.
#[derive(Debug)]
pub struct Destination {
    path: PathBuf,
    /// Where it is written before it has its name; nothing where it is written as it is.
    draft: Option<PathBuf>,
}

impl Destination {
    /// The place that a path names. `ending` is what the name of an unfinished file ends with.
    ///
    /// # Errors
    /// When a link cannot be followed, or the path cannot be looked at.
    pub fn of(path: &Path, ending: &str) -> io::Result<Self> {
        let path = followed(path)?;
        let is_replaced = match std::fs::metadata(&path) {
            Ok(there) => there.is_file(),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => true,
            Err(fault) => return Err(fault),
        };
        let draft = is_replaced.then(|| {
            let mut name = path.as_os_str().to_owned();
            name.push(".");
            name.push(ending);
            PathBuf::from(name)
        });
        Ok(Self { path, draft })
    }

    /// The path to write to.
    pub fn draft(&self) -> &Path {
        self.draft.as_deref().unwrap_or(&self.path)
    }

    /// Whether it is written to as it is: a device or a pipe, which knows no length and no end.
    pub fn is_stream(&self) -> bool {
        self.draft.is_none()
    }

    /// Gives the file that has been written its name.
    ///
    /// # Errors
    /// When it cannot be renamed; what was written is gone then.
    pub fn finish(mut self) -> io::Result<()> {
        let Some(draft) = &self.draft else { return Ok(()) };
        std::fs::rename(draft, &self.path)?;
        self.draft = None;
        Ok(())
    }
}

impl Drop for Destination {
    fn drop(&mut self) {
        if let Some(draft) = &self.draft {
            // It holds a part of what was asked for, and nobody asked for a part.
            let _ = std::fs::remove_file(draft);
        }
    }
}

/// The path at the end of all links, whether or not something is there.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        let Ok(target) = std::fs::read_link(&path) else { return Ok(path) };
        path = path.parent().map_or_else(|| target.clone(), |folder| folder.join(&target));
    }
    Err(io::Error::other("too many symbolic links"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    #[cfg(unix)]
    use std::os::unix::fs as unix;

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("destination-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("folder");
        folder
    }

    #[cfg(unix)]
    fn write(path: &Path) -> io::Result<bool> {
        let destination = Destination::of(path, "part")?;
        fs::write(destination.draft(), "new")?;
        let is_stream = destination.is_stream();
        destination.finish()?;
        Ok(is_stream)
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_device_is_written_through_and_stays() {
        let folder = folder("device");
        unix::symlink("/dev/null", folder.join("null")).expect("link");
        unix::symlink("null", folder.join("to null")).expect("link");
        assert!(write(&folder.join("to null")).expect("written"));
        let names = fs::read_dir(&folder).expect("folder").count();
        assert_eq!(names, 2, "nothing is left beside");
        for (link, target) in [("null", "/dev/null"), ("to null", "null")] {
            assert_eq!(fs::read_link(folder.join(link)).expect("link"), Path::new(target));
        }
        assert!(!fs::metadata("/dev/null").expect("device").is_file());
        fs::remove_dir_all(folder).expect("removed");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_file_stays_and_the_file_is_replaced() {
        let folder = folder("file");
        fs::create_dir(folder.join("far")).expect("folder");
        for (name, target) in [("link", "far/file"), ("dangling", "far/other")] {
            unix::symlink(target, folder.join(name)).expect("link");
        }
        fs::write(folder.join("far/file"), "old").expect("file");
        for (link, file) in [("link", "far/file"), ("dangling", "far/other")] {
            assert!(!write(&folder.join(link)).expect("written"));
            assert_eq!(fs::read_to_string(folder.join(file)).expect("file"), "new");
            assert!(fs::symlink_metadata(folder.join(link)).expect("link").is_symlink());
        }
        assert_eq!(fs::read_dir(folder.join("far")).expect("folder").count(), 2);
        unix::symlink("round", folder.join("round")).expect("link");
        assert!(Destination::of(&folder.join("round"), "part").is_err());
        fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn what_is_not_finished_leaves_the_old_file_and_nothing_else() {
        let folder = folder("unfinished");
        let path = folder.join("file");
        fs::write(&path, "old").expect("file");
        let destination = Destination::of(&path, "part").expect("a place");
        fs::write(destination.draft(), "half").expect("draft");
        drop(destination);
        assert_eq!(fs::read_to_string(&path).expect("file"), "old");
        assert_eq!(fs::read_dir(&folder).expect("folder").count(), 1);
        fs::remove_dir_all(folder).expect("removed");
    }
}
