// Of SvelteKit, what is used of it.
declare module "@sveltejs/kit" {
  export function redirect(status: 303, location: string): never;
  export function error(status: number, body: { message: string }): never;
}
