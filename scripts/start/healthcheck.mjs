// For the image's HEALTHCHECK: asks for the numbers, with the key that the relay itself has.
const { PORT, PSK } = process.env;
const headers = PSK?.trim() ? { authorization: PSK.trim() } : {};
const isHealthy = await fetch(`http://127.0.0.1:${PORT?.trim() || 8080}/stats`, { headers }).then(
  (response) => response.ok,
  () => false,
);
process.exit(isHealthy ? 0 : 1);
