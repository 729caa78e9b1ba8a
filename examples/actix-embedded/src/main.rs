use actix_web::{App, HttpServer};
use hallpass::{AppInfo, Hallpass};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let here = "http://localhost:3000";
    let hallpass = Hallpass::builder(AppInfo::new("example").api(here).website(here)).embedded("sqlite://example.db").build().await?;
    println!("open {here}");
    HttpServer::new(move || App::new().configure(actix_embedded::routes).wrap(hallpass.actix())).bind("127.0.0.1:3000")?.run().await?;
    Ok(())
}
