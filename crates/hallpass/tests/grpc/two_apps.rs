//! Methods of an app inside another one: their calls have the sessions of the inner one.

use hallpass::{Hooks, Names, grpc::SESSION_ERROR};
use http::request::Parts;
use tonic::{metadata::MetadataMap, service::Routes};

use crate::{
    service::{Calls, Client},
    world::*,
};

/// Tokens of the office have names of their own.
struct OfOffice;

impl Hooks for OfOffice {
    fn names(&self, _: &Parts) -> Names {
        Names::default().headers("x-access".parse().unwrap(), "x-refresh".parse().unwrap()).unwrap()
    }
}

async fn serve(app: axum::Router) -> Client {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, app).into_future());
    Client::connect(address).await
}

fn tokens(metadata: &MetadataMap) -> [Option<&str>; 2] {
    ["x-access", "st-access-token"].map(|name| metadata.get(name).map(|token| token.to_str().unwrap()))
}

#[tokio::test]
async fn a_call_has_the_session_of_the_inner_app_and_its_tokens_go_out_by_its_rules() {
    let users = World::new().await;
    let office = World::beside(app_info(), |builder| builder.hooks(OfOffice)).await;
    let (user, boss) = (users.tokens("user").await, office.tokens("boss").await);
    let methods = || Routes::new(Calls).into_axum_router().layer(office.hallpass.grpc());
    for app in [methods().layer(users.hallpass.grpc()), methods().layer(users.hallpass.layer())] {
        let mut client = serve(app).await;
        let status = client.call("Me", "", Some(&user.access)).await.unwrap_err();
        assert_eq!(status.metadata().get(SESSION_ERROR).unwrap(), "try-refresh-token");
        assert_eq!(client.call("Me", "", Some(&boss.access)).await.unwrap().into_inner(), "boss");
        let signed_in = client.call("SignIn", "clerk", None).await.unwrap();
        let [of_office, of_users] = tokens(signed_in.metadata());
        assert_eq!((client.call("Me", "", of_office).await.unwrap().into_inner().as_str(), of_users), ("clerk", None));
        // an error takes away the tokens of the app that raised it, and of no other
        let regretted = client.call("Regret", "clerk", None).await.unwrap_err();
        assert_eq!(tokens(regretted.metadata()), [Some(""), None]);
    }
    assert_eq!(users.hallpass.sessions_of(&"clerk".into(), None).await.unwrap().len(), 0);
}
