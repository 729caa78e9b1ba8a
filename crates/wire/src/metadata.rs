//! What an application keeps about its users.

use hallpass_engine::session::JsonObject;

use crate::field::request;

request! {
    /// `PUT /recipe/user/metadata`
    UpdateMetadata {
        /// Whose metadata.
        user_id: String = "userId",
        /// Members that replace the stored ones; one that is null removes it.
        update: JsonObject = "metadataUpdate",
    }
}

request! {
    /// `POST /recipe/user/metadata/remove`
    RemoveMetadata {
        /// Whose metadata.
        user_id: String = "userId",
    }
}

request! {
    /// `POST /recipe/user/metadata/bulk`
    BulkMetadata {
        /// Whose metadata: 500 users at most.
        user_ids: Vec<String> = "userIds",
    }
}
