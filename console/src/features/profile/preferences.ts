/** Notification preferences as they are stored, and as a form shows them. */
import type { Preferences } from "./api"

export const WAYS = ["email", "webhook", "bark", "gotify"] as const
const DEFAULT_THRESHOLD = 500_000
const DEFAULT_PRIORITY = 5

/** What `setting`, the account's own settings as JSON, says; what it leaves out has its default. */
export function preferencesOf(setting: string): Preferences {
  const kept = (setting ? JSON.parse(setting) : {}) as Partial<Preferences>
  return {
    notify_type: kept.notify_type || "email",
    quota_warning_threshold: kept.quota_warning_threshold || DEFAULT_THRESHOLD,
    webhook_url: kept.webhook_url ?? "",
    webhook_secret: kept.webhook_secret ?? "",
    notification_email: kept.notification_email ?? "",
    bark_url: kept.bark_url ?? "",
    gotify_url: kept.gotify_url ?? "",
    gotify_token: kept.gotify_token ?? "",
    gotify_priority: kept.gotify_priority || DEFAULT_PRIORITY,
    upstream_model_update_notify_enabled: kept.upstream_model_update_notify_enabled ?? false,
    accept_unset_model_ratio_model: kept.accept_unset_model_ratio_model ?? false,
    record_ip_log: kept.record_ip_log ?? false,
  }
}
