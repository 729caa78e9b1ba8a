//! Writes the service's server and client. With `protoc` at hand, `tonic-prost-build` makes them of a `.proto` file, and
//! the messages, too.

use tonic_build::manual::{Builder, Method, Service};

fn main() {
    let method = |name: &str, route: &str, input: &str, output: &str| {
        Method::builder().name(name).route_name(route).input_type(input).output_type(output).codec_path("tonic_prost::ProstCodec").build()
    };
    let shop = Service::builder()
        .name("Shop")
        .package("shop.v1")
        .method(method("sign_in", "SignIn", "crate::User", "crate::Tokens"))
        .method(method("refresh", "Refresh", "crate::Tokens", "crate::Tokens"))
        .method(method("order", "Order", "crate::Order", "crate::Receipt"))
        .method(method("restock", "Restock", "crate::Order", "crate::Receipt"))
        .build();
    Builder::new().compile(&[shop]);
}
