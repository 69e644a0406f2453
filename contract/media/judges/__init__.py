"""One function per rule: what was watched, and what was asked for, to a verdict. All are pure."""
