import { z } from 'zod';

const fix = z.object({
  name: z.string(),
  old: z.string().optional().describe('fix before; `None`: none was known; absent: it was not affected'),
  new: z.string().optional().describe('fix now; absent: it is not affected any more'),
});

/** What changed, and why a notification was made. */
export const notificationChange = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('new') }),
  z.object({ kind: z.literal('withdrawn') }),
  z.object({ kind: z.literal('severity'), old: z.string(), new: z.string() }),
  z.object({ kind: z.literal('fix_available'), packages: z.array(fix).readonly() }),
  z.object({ kind: z.literal('fixed_in'), packages: z.array(fix).readonly() }),
  z.object({ kind: z.enum(['kev_listed', 'kev_removed', 'cvss', 'description', 'link', 'metadata']) }),
  z.object({ kind: z.literal('summary'), count: z.number().int() }),
]);

/** A vulnerability in Clair's shape, with FixedIn. */
const vulnerability = z.looseObject({ Name: z.string().optional(), NamespaceName: z.string().optional() });

export const notificationView = z.object({
  name: z.string(),
  created_at: z.iso.datetime(),
  notified_at: z.iso.datetime().optional(),
  read_at: z.iso.datetime().optional(),
  namespace: z.string().optional(),
  vulnerability: z.string().optional(),
  changes: z.array(notificationChange).readonly(),
  old: vulnerability.optional(),
  new: vulnerability.optional(),
});
export type NotificationView = z.infer<typeof notificationView>;

export const notificationList = z.object({ notifications: z.array(notificationView), next: z.string().optional() });

const layer = z.object({ index: z.number().int(), name: z.string() });

/** One notification with the layers that brought what is affected, before and now. */
export const notificationDetails = notificationView.extend({
  old_layers: z.array(layer),
  new_layers: z.array(layer),
  next: z.string().optional(),
});
