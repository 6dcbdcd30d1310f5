//! What a PDF says of itself to somebody who hears it instead of seeing it: the tree of its headings, paragraphs, lists
//! and tables, in reading order.

use krilla::tagging::{Identifier, TagGroup, TagKind, TagTree};

/// A place in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Branch(usize);

/// The tree, as it grows.
#[derive(Default)]
pub(super) struct Tree {
    branches: Vec<Grown>,
}

struct Grown {
    tag: TagKind,
    parent: Option<Branch>,
    /// What was painted for it; a branch has either paint or branches.
    painted: Vec<Identifier>,
}

impl Tree {
    /// Adds a branch, after those that are there.
    pub(super) fn grow(&mut self, parent: Option<Branch>, tag: impl Into<TagKind>) -> Branch {
        self.branches.push(Grown { tag: tag.into(), parent, painted: Vec::new() });
        Branch(self.branches.len() - 1)
    }

    /// Notes that something was painted for a branch.
    pub(super) fn painted(&mut self, branch: Branch, it: Identifier) {
        if let Some(grown) = self.branches.get_mut(branch.0) {
            grown.painted.push(it);
        }
    }

    /// The whole of it, for the file.
    pub(super) fn finish(self) -> TagTree {
        let mut groups: Vec<(Option<Branch>, TagGroup)> = self.branches.into_iter().map(Grown::group).collect();
        let mut roots = Vec::new();
        // A branch is younger than its parent: from the youngest on, each is whole when it is handed over, last child first.
        while let Some((parent, mut group)) = groups.pop() {
            group.children.reverse();
            match parent.and_then(|parent| groups.get_mut(parent.0)) {
                Some((_, above)) => above.push(group),
                None => roots.push(group.into()),
            }
        }
        roots.reverse();
        TagTree::from(roots).with_lang(Some(super::LANGUAGE.to_owned()))
    }
}

impl Grown {
    fn group(self) -> (Option<Branch>, TagGroup) {
        let children = self.painted.into_iter().rev().map(Into::into).collect();
        (self.parent, TagGroup::with_children(self.tag, children))
    }
}
