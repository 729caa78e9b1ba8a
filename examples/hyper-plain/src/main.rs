use hallpass::{AppInfo, Hallpass};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let here = "http://localhost:3000";
    let hallpass = Hallpass::builder(AppInfo::new("example").api(here).website(here)).embedded("sqlite://example.db").build().await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("try: curl --include --data alice {here}/login");
    Ok(hyper_plain::run(listener, hallpass).await?)
}
