"""What training's services tell the rest of the portal, by name. Payloads hold ids, and nothing personal."""

#: An offer of this intake is no longer kept from now on, or somebody passed over may be next: {"intake": id}.
MOVE_QUEUE = "training.move_queue"
#: A step of a nomination of which people hear: {"step": id}.
STEP_TAKEN = "training.step_taken"
#: Whoever booked these rooms hears what was done: {"bookings": [ids], "act": name, "by": user or None, "at": ISO}.
ROOM_ACTED = "training.room_acted"
#: Those who have a seat hear of a session: {"intake": id, "session": id, "act": "move" | "cancel", "title" and "place"
#: by language, "starts": ISO, "by": user or None, "at": ISO}.
SESSION_CHANGED = "training.session_changed"
