/** Also shown to whoever must not see a page. */
export default function NotFound() {
  return (
    <main>
      <h1>There is no such page</h1>
    </main>
  );
}
