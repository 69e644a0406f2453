// Calls as shell commands.

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** One call of this page as a curl command that does the same. */
export function asCurl({ method, path, headers, body }) {
  const parts = [`curl --request ${method}`, `--url ${quoted(location.origin + path)}`];
  for (const [name, value] of Object.entries(headers)) {
    parts.push(`--header ${quoted(`${name.toLowerCase()}: ${value}`)}`);
  }
  if (body !== undefined) parts.push(`--data ${quoted(body)}`);
  return parts.join(" \\\n  ");
}

/** How a client of a version is pointed here: [for the official SDK, for a shell]. */
export function snippets(key, version) {
  const shell = `curl -X POST ${location.origin}/v1/streaming.create_token \\
  -H ${quoted(`x-api-key: ${key}`)}`;
  return [version === "v2" ? sdkOfRooms() : sdkOfPeers(), shell];
}

const sdkOfPeers = () => `const avatar = new StreamingAvatarApi(
  new Configuration({
    basePath: "${location.origin}",
    accessToken: token,
  }),
);`;

/** @heygen/streaming-avatar 2.0.6 and later open their chat socket by TLS on port 443 always. */
function sdkOfRooms() {
  const onDefaultPort = location.protocol === "https:" && location.port === "";
  const base = onDefaultPort ? location.origin : "https://localhost";
  const how = onDefaultPort ? "" : "// heygen-mock serve --tls-port 443\n";
  return `${how}const avatar = new StreamingAvatar({
  token,
  basePath: "${base}",
});`;
}
