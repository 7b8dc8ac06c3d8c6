"""A portal's app for tests of its programs: reports that take their time."""
