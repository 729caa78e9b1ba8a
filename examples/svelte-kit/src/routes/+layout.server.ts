import type { LayoutServerLoad } from "./$types";

/** It guards nothing: pages do. */
export const load: LayoutServerLoad = ({ locals }) => ({ session: locals.session.snapshot });
