import nothere, unittest
