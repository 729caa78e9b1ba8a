//! The example does what it says, at a real socket.

use hallpass::{AppInfo, Hallpass, grpc::SESSION_ERROR};
use tonic::{
    Code, Request, Status,
    transport::{Channel, server::TcpIncoming},
};
use tonic_embedded::{Order, ShopClient, Tokens, User};

async fn start() -> ShopClient<Channel> {
    let here = "http://localhost:50051";
    let info = AppInfo::new("example").api(here).website(here);
    let hallpass = Hallpass::builder(info).embedded("sqlite::memory:").build().await.unwrap();
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = incoming.local_addr().unwrap();
    tokio::spawn(tonic_embedded::server(&hallpass).serve_with_incoming(incoming));
    ShopClient::connect(format!("http://{address}")).await.unwrap()
}

fn order(article: &str, tokens: Option<&Tokens>) -> Request<Order> {
    let mut call = Request::new(Order { article: article.to_owned() });
    if let Some(tokens) = tokens {
        call.metadata_mut().insert("authorization", format!("Bearer {}", tokens.access).parse().unwrap());
    }
    call
}

fn told(status: Status) -> (Code, String) {
    (status.code(), status.metadata().get(SESSION_ERROR).unwrap().to_str().unwrap().to_owned())
}

#[tokio::test]
async fn users_order_and_only_staff_restocks() {
    let mut shop = start().await;
    let mut tokens = Vec::new();
    for name in ["alice", "staff-bob"] {
        tokens.push(shop.sign_in(User { name: name.to_owned() }).await.unwrap().into_inner());
    }
    let (alice, staff) = (&tokens[0], &tokens[1]);
    assert_eq!(shop.order(order("tea", Some(alice))).await.unwrap().into_inner().text, "tea for alice");
    assert_eq!(told(shop.order(order("tea", None)).await.unwrap_err()), (Code::Unauthenticated, "unauthorised".to_owned()));
    assert_eq!(told(shop.restock(order("tea", Some(alice))).await.unwrap_err()), (Code::PermissionDenied, "invalid-claim".to_owned()));
    assert_eq!(shop.restock(order("tea", Some(staff))).await.unwrap().into_inner().text, "staff-bob brings tea");
}

#[tokio::test]
async fn a_refresh_gives_other_tokens_for_the_same_user() {
    let mut shop = start().await;
    let first = shop.sign_in(User { name: "alice".to_owned() }).await.unwrap().into_inner();
    let second = shop.refresh(first.clone()).await.unwrap().into_inner();
    assert!(second.refresh != first.refresh);
    assert_eq!(shop.order(order("tea", Some(&second))).await.unwrap().into_inner().text, "tea for alice");
    let nonsense = Tokens { access: first.access, refresh: "nonsense".to_owned() };
    assert_eq!(told(shop.refresh(nonsense).await.unwrap_err()), (Code::Unauthenticated, "unauthorised".to_owned()));
    assert_eq!(format!("{second:?}"), "Tokens(…)");
}
