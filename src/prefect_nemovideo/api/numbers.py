"""Every number of the client that is not a setting, with its unit and its reason.

Waits that people may want to change are in `settings.py`.
"""

#: Largest file that the service accepts, in bytes. The documentation says "500 MB"; the larger reading is used,
#: so that a file which the service would take is never refused here.
MAX_UPLOAD_BYTES = 500 * 1024 * 1024

#: One read from disk and one write to the socket, in bytes. Below 1 MiB the cost per chunk shows; above, memory does.
UPLOAD_CHUNK_BYTES = 1 << 20

#: One read from the line of a download, in bytes (measured: less costs more calls, more falls out of the cache).
DOWNLOAD_READ_BYTES = 256 << 10

#: How much of a download is hashed at once, and comes between two reports of its progress, in bytes.
DOWNLOAD_BATCH_BYTES = 1 << 20

#: The largest refusal of a download that is read, in bytes: enough for any sentence, too little to hurt.
LONGEST_REFUSAL_BYTES = 64 << 10

#: Seconds to get a connection. More than the SYN retries of a slow network need, less than a person waits.
CONNECT_SECONDS = 10.0

#: Seconds for one write. httpx counts a whole 1 MiB chunk: 60 s allows an uplink of 140 kbit/s.
WRITE_SECONDS = 60.0

#: Seconds without a byte of a short reply. State and credits answer in well under one.
READ_SECONDS = 60.0

#: Seconds without a byte after the last byte of an upload: the service probes and stores the file first.
UPLOAD_READ_SECONDS = 300.0

#: Seconds without a byte of a download before it is taken for stalled and resumed.
DOWNLOAD_READ_SECONDS = 60.0

#: How often a call that is safe to repeat is tried in all.
SAFE_ATTEMPTS = 4

#: How often a download is tried in a row without getting any further.
DOWNLOAD_ATTEMPTS = 5

#: The same where what comes is passed on at once: whoever takes it has an end to his patience.
PASSING_ATTEMPTS = 3

#: Seconds before the second try of a safe call; doubles each time.
FIRST_BACKOFF_SECONDS = 0.5

#: The longest Retry-After that is obeyed, in seconds. A service that asks for more is told of as an error.
MAX_RETRY_AFTER_SECONDS = 300.0

#: A render that isn't known right after it was created is looked for again for this many seconds.
NEW_RENDER_GRACE_SECONDS = 20.0

#: Seconds before each further look for the file of a finished render that isn't where it is to be yet: as long in all.
NEW_FILE_LOOKS_SECONDS = (2.0, 6.0, 12.0)

#: Seconds before each look for what a request whose reply was lost may have left. The service may still be at it.
LOST_REPLY_LOOKS_SECONDS = (0.0, 2.0, 5.0)

#: The same for an upload, which a session may show late: sent again, the video would be in it twice.
LOST_UPLOAD_LOOKS_SECONDS = (0.0, 2.0, 4.0, 8.0)

#: Seconds before each look whether the session shows a file that the service has taken. One look, as a rule.
ARRIVAL_LOOKS_SECONDS = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0)

#: After so many looks that show it in the list or on the timeline, a service does not show it in the other.
LOOKS_FOR_THE_OTHER = 3

#: How many replies in a row that make no sense are taken for passing trouble while waiting for a render.
UNEXPECTED_REPLIES = 5

#: Seconds between two looks at the state to see that an edit has come to rest.
SETTLE_SECONDS = 2.0

#: Seconds before each further look at a timeline that is as it was though the editor's answer does not say why: the
#: state may show an edit late. Without a tool at work the answer is talk, most likely, and a person waits.
LATE_EDIT_LOOKS_SECONDS = (4.0, 8.0, 16.0)
LATE_TALK_LOOKS_SECONDS = (4.0, 8.0)

#: Seconds before each further look at a state that does not show what it showed before: a copy that lags, or gone.
SETTLED_LOOKS_SECONDS = (1.0, 3.0, 6.0)

#: How often the state is read, at most, to see that an edit has come to rest.
SETTLE_LOOKS = 15

#: Seconds before each further look while credits are held: a generation takes up to 300 s, as documented.
HELD_LOOKS_SECONDS = (10.0,) * 27

#: Credits that an edit costs, about, as documented. Used for estimates only; spend is read from the balance.
CREDITS_PER_EDIT = 50

#: Seconds that an edit takes, about: the middle of the documented 10 to 30. For estimates only.
SECONDS_PER_EDIT = 20.0

#: Seconds that a render takes, about: the middle of the documented 30 to 90. Where no earlier render says more.
SECONDS_PER_RENDER = 60.0

#: The largest JSON reply that is read into memory, in bytes. Drafts of real projects are far below.
MAX_REPLY_BYTES = 32 << 20
