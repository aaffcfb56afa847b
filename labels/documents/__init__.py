"""Documents for people: certificates, slips, reports. Values in, a PDF out; nothing here knows a session."""
