// Of Next.js, what is used of it.
declare module "next/headers" {
  export function headers(): Promise<Headers> | Headers;
}
declare module "next/navigation" {
  export function redirect(to: string): never;
  export function notFound(): never;
}
declare module "next/server" {
  export const NextResponse: { next(init: { request: { headers: Headers } }): Response };
}
