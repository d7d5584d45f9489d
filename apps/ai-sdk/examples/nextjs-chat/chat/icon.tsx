/** Drawn on a grid of 20. */
const drawings = {
  prompt: <path d="M4.5 5.5 9 10l-4.5 4.5M11 15h5" />,
  send: <path d="M10 16V4.5M5 9.5l5-5 5 5" />,
  stop: <rect x="5.5" y="5.5" width="9" height="9" rx="1.5" fill="currentColor" stroke="none" />,
  new: (
    <path d="M16 11v3.5a2 2 0 0 1-2 2H5.5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2H9M15.8 3.2a1.4 1.4 0 0 1 2 2L11 12l-2.7.7.7-2.7z" />
  ),
  copy: (
    <>
      <rect x="7" y="7" width="9.5" height="9.5" rx="2" />
      <path d="M13 4.5a1.5 1.5 0 0 0-1.5-1H5.5a2 2 0 0 0-2 2v6a1.5 1.5 0 0 0 1 1.5" />
    </>
  ),
  check: <path d="m4.5 10.5 3.5 3.5 7.5-8" />,
  retry: <path d="M15.5 7.5A6 6 0 1 0 16 10.8M16 4v3.5h-3.5" />,
  chevron: <path d="m7.5 5.5 4.5 4.5-4.5 4.5" />,
  down: <path d="M10 4v12M5 11l5 5 5-5" />,
  alert: <path d="M10 6.5V11M10 13.5v.1M10 2.8l7.5 13.2h-15z" />,
  clock: (
    <>
      <circle cx="10" cy="10" r="6.8" />
      <path d="M10 6v4l2.5 1.8" />
    </>
  ),
  calendar: (
    <>
      <rect x="3.5" y="4.5" width="13" height="12" rx="2" />
      <path d="M3.5 8.5h13M7 3v3M13 3v3" />
    </>
  ),
  code: <path d="m7 6-4 4 4 4M13 6l4 4-4 4" />,
  table: (
    <>
      <rect x="3.5" y="4" width="13" height="12" rx="2" />
      <path d="M3.5 8.5h13M3.5 12.2h13M9 8.5V16" />
    </>
  ),
};

export type IconName = keyof typeof drawings;

/** A drawing in the colour of the text. What it means is said by the control that it is in. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      viewBox="0 0 20 20"
      width="20"
      height="20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {drawings[name]}
    </svg>
  );
}
