/* SPDX-License-Identifier: Apache-2.0 */
/** The HTTP endpoint for operators and load balancers: its limits, and where its routes hang. */
package io.millrace.app.admin;
