/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The http source: requests in, one batch of events each, and an answer once the channels have it.
 */
package io.millrace.components.http;
