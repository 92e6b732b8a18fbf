/** The name mark: a gate with its meter. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" fill="#3744b6" />
      <path d="M8 25V7M24 25V7" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
      <path d="M8 16h7M24 16h-4" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
      <circle cx="17.5" cy="16" r="1.6" fill="#ffc94d" />
    </svg>
  )
}
