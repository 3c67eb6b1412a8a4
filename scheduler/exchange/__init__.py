"""What was entered and planned, as files for people and other programs: workbooks,
CSV, class boards, calendars. Pure, but for the HTTP interface and the links' store."""
