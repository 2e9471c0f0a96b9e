/**
 * All other tests that open the page in a browser, see sites.ts.
 *
 * @module
 */

import "./access_test.ts";
import "./accessibility_test.ts";
import "./cluster_test.ts";
import "./focus_test.ts";
import "./lesson_test.ts";
import "./lost_test.ts";
import "./nodes_test.ts";
import "./parts_test.ts";
import "./plot_test.ts";
import "./reading_test.ts";
import "./real_cluster_test.ts";
