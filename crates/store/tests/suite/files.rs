//! Files: kept by what is in them, each once.

use engine::ports::Store;
use engine::{File, FileKey};
use std::sync::Arc;

pub async fn a_file_comes_back_by_its_bytes(store: Arc<dyn Store>) {
    let large = [b"GIF89a".as_slice(), &vec![7; 3 << 20]].concat();
    let files =
        [&b"\x89PNG\r\n\x1a\n\0\0"[..], b"\xff\xd8\xff\xe0", &large].map(|bytes| File::read(bytes).unwrap());
    for file in &files {
        for _ in 0..2 {
            assert_eq!(store.put_file(file.clone()).await.unwrap(), file.key());
        }
    }
    for file in &files {
        assert_eq!(store.file(&file.key()).await.unwrap().as_ref(), Some(file));
    }
    assert_eq!(store.file(&FileKey([0; 32])).await.unwrap(), None);
}
