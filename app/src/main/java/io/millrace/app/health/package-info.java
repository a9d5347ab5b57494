/* SPDX-License-Identifier: Apache-2.0 */
/** Whether an agent lives and takes events, for load balancers, supervisors and people. */
package io.millrace.app.health;
