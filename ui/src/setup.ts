// A busy machine renders Chakra in seconds.
import { configure } from "@testing-library/react";

configure({ asyncUtilTimeout: 30_000 });
