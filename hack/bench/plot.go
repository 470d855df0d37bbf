// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"slices"
)

// The size of a plot and of its frame, in pixels.
const (
	plotWidth, plotHeight = 520.0, 300.0
	plotLeft, plotRight   = 60.0, 70.0
	plotTop, plotBottom   = 30.0, 45.0
)

// svg draws a curve: seconds on the left axis, megabytes of heap on the right one, both from zero, so that a straight
// line through the corner is linear growth.
func (c *curve) svg() []byte {
	var megabytes []float64
	for _, n := range c.Bytes {
		megabytes = append(megabytes, float64(n)/megabyte)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" font-family="sans-serif" font-size="12">`+"\n",
		plotWidth, plotHeight)
	fmt.Fprintf(&out, `<rect width="%g" height="%g" fill="white"/>`+"\n", plotWidth, plotHeight)
	most := float64(slices.Max(c.X))
	frameOf(&out, c, most)
	c.series(&out, most, c.Seconds, "#1f5fa8", "s", plotLeft-6, "end")
	c.series(&out, most, megabytes, "#b3541e", "MB", plotWidth-plotRight+6, "start")
	out.WriteString("</svg>\n")
	return out.Bytes()
}

func frameOf(out *bytes.Buffer, c *curve, most float64) {
	right, bottom := plotWidth-plotRight, plotHeight-plotBottom
	fmt.Fprintf(out, `<path d="M%g %gV%gH%gV%g" fill="none" stroke="black"/>`+"\n", plotLeft, plotTop, bottom, right, plotTop)
	for _, x := range c.X {
		at := plotLeft + float64(x)/most*(right-plotLeft)
		fmt.Fprintf(out, `<path d="M%g %gv5" stroke="black"/><text x="%g" y="%g" text-anchor="middle">%d</text>`+"\n",
			at, bottom, at, bottom+18, x)
	}
	fmt.Fprintf(out, `<text x="%g" y="%g" text-anchor="middle">%s</text>`+"\n", (plotLeft+right)/2, plotHeight-8, c.Of)
}

// series draws one line, with its axis at the side.
func (c *curve) series(out *bytes.Buffer, most float64, y []float64, color, unit string, axis float64, anchor string) {
	right, bottom := plotWidth-plotRight, plotHeight-plotBottom
	top := max(slices.Max(y)*1.05, 1e-9)
	at := func(i int) (float64, float64) {
		return plotLeft + float64(c.X[i])/most*(right-plotLeft), bottom - y[i]/top*(bottom-plotTop)
	}
	out.WriteString(`<polyline fill="none" stroke-width="2" stroke="` + color + `" points="`)
	for i := range c.X {
		px, py := at(i)
		fmt.Fprintf(out, "%.1f,%.1f ", px, py)
	}
	out.WriteString(`"/>` + "\n")
	for i := range c.X {
		px, py := at(i)
		fmt.Fprintf(out, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", px, py, color)
	}
	for step := range 5 {
		value := top * float64(step) / 4
		fmt.Fprintf(out, `<text x="%g" y="%.1f" text-anchor="%s" fill="%s">%.3g %s</text>`+"\n",
			axis, bottom-value/top*(bottom-plotTop)+4, anchor, color, value, unit)
	}
}
