// The link by which a second page watches the session of a first: all it needs is in the link.

/** The address of a page that watches; `invitation` has session, url and token. */
export function inviting(invitation) {
  return `/?version=v2#${new URLSearchParams(invitation)}`;
}

/** What this page was invited to; null for a page of its own. */
export function invited() {
  const found = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  return found.session && found.url && found.token ? found : null;
}

/** The address says which version is chosen, and no longer who has invited. */
export function remember(version) {
  const address = new URL(location.href);
  address.hash = "";
  if (version === "v1") address.searchParams.delete("version");
  else address.searchParams.set("version", version);
  history.replaceState(null, "", address);
}
