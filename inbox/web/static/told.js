/* The service worker of notices: a click on one opens what it tells of, in the window used last. It
   answers no request and keeps nothing: pages come from the server alone. */

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data));
});

async function open(path) {
  const [page] = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (!page) return self.clients.openWindow(path);
  page.postMessage(path);
  return page.focus();
}
