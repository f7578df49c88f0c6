import unittest


class A(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.log("+A")

    @classmethod
    def tearDownClass(cls):
        cls.log("-A")

    @staticmethod
    def log(words):
        with open("order.log", "a") as order:
            order.write(words + "\n")

    def test_pass(self):
        self.log("body")

    def test_fail(self):
        self.assertEqual(1, 2)

    def test_error(self):
        raise OSError("x")

    @unittest.skip("later")
    def test_skip(self):
        pass

    @unittest.expectedFailure
    def test_xfail(self):
        self.fail("known")

    @unittest.expectedFailure
    def test_ux(self):
        pass

    def test_subs(self):
        for nth in range(3):
            with self.subTest(nth=nth):
                self.assertNotEqual(nth, 1)

    def test_output(self):
        print("said here")
        self.fail()


class B(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise RuntimeError("no class")

    def test_1(self):
        pass

    def test_2(self):
        pass


class S(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise unittest.SkipTest("no S today")

    def test_1(self):
        pass

    def test_2(self):
        pass


class T(unittest.TestCase):
    @classmethod
    def tearDownClass(cls):
        raise RuntimeError("late")

    def test(self):
        pass
