"""EPCIS 2.0 and CBV 2.0: reading documents in JSON-LD and XML, and the hash that names an event by what it says."""
