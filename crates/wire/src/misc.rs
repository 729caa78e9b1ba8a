//! What SDKs ask besides.

use crate::field::{Nullable, request};

request! {
    /// `PUT /ee/license`
    PutLicense {
        /// The key; required unless the body is empty.
        license_key: Option<String> = "licenseKey",
    }
}

request! {
    /// `POST /user/remove`
    RemoveUser {
        /// Which user.
        user_id: String = "userId",
        /// Without effect: there are no linked accounts.
        remove_all_linked_accounts: Option<bool> = "removeAllLinkedAccounts",
    }
}

request! {
    /// `POST /recipe/userid/map`
    MapUserId {
        /// The id here.
        super_tokens_user_id: String = "superTokensUserId",
        /// The id elsewhere.
        external_user_id: String = "externalUserId",
        /// What is to be kept with it.
        external_user_id_info: Option<String> = "externalUserIdInfo",
        /// Whether it may be done although data refer to the id.
        force: Option<bool> = "force",
    }
}

request! {
    /// `POST /recipe/userid/map/remove`
    UnmapUserId {
        /// One of the ids.
        user_id: String = "userId",
        /// Which of the ids it is: `SUPERTOKENS`, `EXTERNAL` or `ANY`.
        user_id_type: Option<String> = "userIdType",
        /// Whether it may be done although data refer to the id.
        force: Option<bool> = "force",
    }
}

request! {
    /// `PUT /recipe/userid/external-user-id-info`
    PutExternalUserIdInfo {
        /// One of the ids.
        user_id: String = "userId",
        /// Which of the ids it is: `SUPERTOKENS`, `EXTERNAL` or `ANY`.
        user_id_type: Option<String> = "userIdType",
        /// What is to be kept with the id elsewhere; null for nothing.
        external_user_id_info: Nullable<String> = "externalUserIdInfo",
    }
}
