use hallpass::{AppInfo, Hallpass};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let here = "http://localhost:50051";
    let hallpass = Hallpass::builder(AppInfo::new("example").api(here).website(here)).embedded("sqlite://example.db").build().await?;
    println!("serving the gRPC service shop.v1.Shop at {here}");
    Ok(tonic_embedded::server(&hallpass).serve("127.0.0.1:50051".parse()?).await?)
}
