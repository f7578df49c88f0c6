//! What has begun and not ended, by name, in the order of its beginning.

use hashbrown::HashMap;

/// What has begun and not ended, by name. Memory grows with what is open, not with the run.
#[derive(Clone, Debug)]
pub(crate) struct OpenMap<T> {
    members: HashMap<String, (u64, T)>,
    opened: u64,
}

impl<T> Default for OpenMap<T> {
    fn default() -> Self {
        Self { members: HashMap::new(), opened: 0 }
    }
}

impl<T> OpenMap<T> {
    /// Inserts a member, or replaces the one of its name.
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

    /// Takes out all members.
    pub(crate) fn take_all(&mut self) -> Vec<(String, T)> {
        in_order(self.members.drain().collect())
    }
}

type Members<T> = Vec<(String, (u64, T))>;

fn in_order<T>(mut members: Members<T>) -> Vec<(String, T)> {
    members.sort_unstable_by_key(|(_, (ordinal, _))| *ordinal);
    members.into_iter().map(|(name, (_, member))| (name, member)).collect()
}

/// The same in groups, each of which can be taken out without a look at the others.
#[derive(Clone, Debug)]
pub(crate) struct Grouped<T> {
    groups: HashMap<String, OpenMap<T>>,
    opened: u64,
}

impl<T> Default for Grouped<T> {
    fn default() -> Self {
        Self { groups: HashMap::new(), opened: 0 }
    }
}

impl<T> Grouped<T> {
    /// Inserts a member, or replaces the one of its name.
    pub(crate) fn insert(&mut self, group: &str, name: &str, member: T) {
        let group = self.groups.entry(group.to_owned()).or_default();
        group.opened = self.opened;
        group.insert(name, member);
        self.opened += 1;
    }

    pub(crate) fn get(&self, group: &str, name: &str) -> Option<&T> {
        self.groups.get(group)?.get(name)
    }

    pub(crate) fn get_mut(&mut self, group: &str, name: &str) -> Option<&mut T> {
        self.groups.get_mut(group)?.get_mut(name)
    }

    pub(crate) fn remove(&mut self, group: &str, name: &str) -> Option<T> {
        let members = self.groups.get_mut(group)?;
        let member = members.remove(name);
        if members.members.is_empty() {
            self.groups.remove(group);
        }
        member
    }

    /// Takes out a group, in the order of its beginning.
    pub(crate) fn take(&mut self, group: &str) -> Vec<(String, T)> {
        self.groups.remove(group).map(|mut group| group.take_all()).unwrap_or_default()
    }

    /// Takes out all members, in the order of their beginning.
    pub(crate) fn take_all(&mut self) -> Vec<(String, T)> {
        in_order(self.groups.drain().flat_map(|(_, group)| group.members).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_in_the_order_of_the_beginning() {
        let mut open = Grouped::default();
        for (group, name) in [("1", "c"), ("2", "a"), ("1", "b"), ("3", "d")] {
            open.insert(group, name, ());
        }
        assert_eq!(open.remove("3", "d"), Some(()));
        assert_eq!(open.groups.len(), 2, "no group is left empty");
        let names =
            |taken: Vec<(String, ())>| taken.into_iter().map(|(name, ())| name).collect::<String>();
        assert_eq!(names(open.clone().take_all()), "cab");
        assert_eq!(names(open.take("1")), "cb");
        assert_eq!(names(open.take_all()), "a");
    }
}
