//! What has begun and not ended, by name, in the order of its beginning.

use std::collections::HashMap;

/// What has begun and not ended, by name. Memory grows with what is open, not with the run.
#[derive(Clone, Debug)]
pub(crate) struct Open<T> {
    members: HashMap<String, (u64, T)>,
    opened: u64,
}

impl<T> Default for Open<T> {
    fn default() -> Self {
        Self { members: HashMap::new(), opened: 0 }
    }
}

impl<T> Open<T> {
    /// Puts a member in, or in the place of the one that had its name.
    pub(crate) fn insert(&mut self, name: &str, member: T) {
        self.members.insert(name.to_owned(), (self.opened, member));
        self.opened += 1;
    }

    /// The member of that name, put in new where there is none.
    pub(crate) fn entry(&mut self, name: &str) -> &mut T
    where
        T: Default,
    {
        let opened = self.opened;
        self.opened += 1;
        let member = self.members.entry(name.to_owned()).or_insert_with(|| (opened, T::default()));
        &mut member.1
    }

    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.members.get(name).map(|(_, member)| member)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.members.get_mut(name).map(|(_, member)| member)
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<T> {
        self.members.remove(name).map(|(_, member)| member)
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// The name of the first member that `which` holds for, in the order of their beginning.
    pub(crate) fn find(&self, which: impl Fn(&T) -> bool) -> Option<&str> {
        let members = self.members.iter().filter(|(_, (_, member))| which(member));
        members.min_by_key(|(_, (ordinal, _))| *ordinal).map(|(name, _)| name.as_str())
    }

    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// Takes out all members that `which` holds for, in the order of their beginning.
    pub(crate) fn take(&mut self, which: impl Fn(&str, &T) -> bool) -> Vec<(String, T)> {
        let mut taken: Vec<_> =
            self.members.extract_if(|name, (_, member)| which(name, member)).collect();
        taken.sort_unstable_by_key(|(_, (ordinal, _))| *ordinal);
        taken.into_iter().map(|(name, (_, member))| (name, member)).collect()
    }

    /// Takes out all members.
    pub(crate) fn take_all(&mut self) -> Vec<(String, T)> {
        self.take(|_, _| true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_in_the_order_of_the_beginning() {
        let mut open = Open::default();
        for (name, member) in [("c", 1), ("a", 2), ("b", 1)] {
            open.insert(name, member);
        }
        assert_eq!(open.take(|_, member| *member == 1), [("c".into(), 1), ("b".into(), 1)]);
        assert_eq!(open.take_all(), [("a".into(), 2)]);
        assert_eq!(open.take_all(), []);
    }
}
