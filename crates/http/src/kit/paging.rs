//! Which rows of a list are asked for, and what is said about the rest.
//!
//! Pages count from 1. Junk falls back to the default instead of failing, a page beyond the end is an empty list,
//! and a page is never larger than the bound: the conventions of the Solidus and Spree APIs.

use super::limits::{PAGE_MAX, PER_PAGE_MAX};
use super::params::Params;

/// One page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Counts from 1.
    pub number: u64,
    /// Most rows on it, at least 1.
    pub size: u32,
}

impl Page {
    /// Reads `page` and `per_page`; `default_size` is the rows of a page when the caller does not say.
    pub fn from_params(params: &Params, default_size: u32) -> Self {
        let positive = |key: &str| {
            let number = params.get(key)?.integer()?;
            u64::try_from(number).ok().filter(|number| *number > 0)
        };
        let size = positive("per_page").map_or(default_size, |size| u32::try_from(size).unwrap_or(u32::MAX));
        Page { number: positive("page").unwrap_or(1).min(PAGE_MAX), size: size.clamp(1, PER_PAGE_MAX) }
    }

    /// Rows before this page.
    pub fn offset(&self) -> u64 {
        (self.number - 1).saturating_mul(u64::from(self.size))
    }

    /// The rows of this page out of a whole list.
    pub fn slice<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        let rest =
            usize::try_from(self.offset()).ok().and_then(|offset| all.get(offset..)).unwrap_or_default();
        &rest[..rest.len().min(self.size as usize)]
    }

    /// What the envelope says about this page of a list of `total_count` rows.
    pub fn info(&self, total_count: u64) -> PageInfo {
        let size = u64::from(self.size);
        PageInfo {
            count: total_count.saturating_sub(self.offset()).min(size),
            total_count,
            current_page: self.number,
            pages: total_count.div_ceil(size),
            per_page: self.size,
        }
    }
}

/// The figures beside a page of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageInfo {
    /// Rows on this page.
    pub count: u64,
    /// Rows on all pages.
    pub total_count: u64,
    /// Number of this page, also if it is beyond the end.
    pub current_page: u64,
    /// Number of pages; 0 for an empty list.
    pub pages: u64,
    /// Most rows on a page.
    pub per_page: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{Limits, RawRequest, parse};

    fn page(query: &str) -> Page {
        let request = RawRequest { method: "GET", query: Some(query), ..RawRequest::default() };
        Page::from_params(&parse(request, &Limits::STANDARD).unwrap(), 25)
    }

    #[test]
    fn junk_falls_back_to_the_default() {
        for (query, number, size) in [
            ("", 1, 25),
            ("page=2&per_page=10", 2, 10),
            ("page=0&per_page=0", 1, 25),
            ("page=-1&per_page=-5", 1, 25),
            ("page=two&per_page=1.5", 1, 25),
            ("page[]=3&per_page[a]=3", 1, 25),
            ("per_page=501", 1, 500),
            ("per_page=99999999999", 1, 500),
            ("page=9223372036854775807", PAGE_MAX, 25),
            ("page=9223372036854775808", 1, 25),
        ] {
            assert_eq!(page(query), Page { number, size }, "{query}");
        }
    }

    #[test]
    fn figures_add_up() {
        let rows: Vec<u32> = (0..26).collect();
        for (query, total, on_page, pages) in [
            ("", 0, 0, 0),
            ("", 25, 25, 1),
            ("", 26, 25, 2),
            ("page=2", 26, 1, 2),
            ("page=3", 26, 0, 2),
            ("page=9223372036854775807&per_page=500", 26, 0, 1),
            ("per_page=1", 26, 1, 26),
        ] {
            let page = page(query);
            let info = page.info(total);
            assert_eq!(
                (info.count, info.total_count, info.pages),
                (on_page, total, pages),
                "{query} of {total}"
            );
            assert_eq!((info.current_page, info.per_page), (page.number, page.size));
            let some = usize::try_from(total).unwrap();
            assert_eq!(page.slice(&rows[..some]).len() as u64, on_page, "{query} of {total}");
        }
        assert_eq!(page("page=2&per_page=10").slice(&rows)[0], 10);
    }
}
