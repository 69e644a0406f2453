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

/** How a client is pointed here: [for the official SDK, for a shell]. */
export function snippets(key) {
  const sdk = `const avatar = new StreamingAvatarApi(
  new Configuration({
    basePath: "${location.origin}",
    accessToken: token,
  }),
);`;
  const shell = `curl -X POST ${location.origin}/v1/streaming.create_token \\
  -H ${quoted(`x-api-key: ${key}`)}`;
  return [sdk, shell];
}
