/* SPDX-License-Identifier: Apache-2.0 */
/** The agent's metrics in the formats of Prometheus, under names of their own. */
package io.millrace.app.prometheus;
