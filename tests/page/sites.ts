/**
 * Tests that open the page in a browser, and are about sites; see fast.ts. They share a browser.
 *
 * @module
 */

import "./editing_test.ts";
import "./ends_test.ts";
import "./files_of_sites_test.ts";
import "./finding_test.ts";
import "./import_test.ts";
import "./history_changes_test.ts";
import "./nearby_test.ts";
import "./place_shown_test.ts";
import "./reporting_test.ts";
import "./sites_test.ts";
import "./sources_test.ts";
