// One lane of the tail (clause 12), as dybnn_tail.hpp says it; its two products are DSP blocks, which add the offset and half of the slope's divisor as well.
module saturate32(input signed [31:0] v, output signed [15:0] y);
  assign y = (v[31:15] == {17{v[15]}}) ? v[15:0] : {v[31], {15{~v[31]}}};
endmodule

// `half`, 2^(n-1), is made once for all lanes.
module round_shift20(input signed [17:0] v, input [17:0] half, input [4:0] n, output signed [19:0] y);
  wire signed [19:0] sum = v + $signed({1'b0, half});
  assign y = sum >>> n;
endmodule

module round_shift32(input signed [31:0] v, input [15:0] half, input [4:0] n, output signed [31:0] y);
  wire signed [31:0] sum = v + $signed({1'b0, half});
  assign y = sum >>> n;
endmodule

module tail(
    input clk, input [6:0] has, input gt, input signs,
    input [15:0] entry_half, input [17:0] shortcut_half, input [14:0] slope_half, input [4:0] entry_shift, input [3:0] scale_shift, input [3:0] slope_shift, input [4:0] shortcut_shift,
    input signed [31:0] entering, input signed [17:0] shortcut, input signed [31:0] offset, input signed [15:0] unit,
    input signed [15:0] scale, input signed [15:0] bias, input signed [15:0] gamma, input signed [15:0] slope,
    input signed [15:0] zeta, input signed [15:0] alpha, input signed [31:0] sum_before,
    output reg signed [15:0] stored, output reg bit, output reg signed [31:0] sum_after);
  wire signed [31:0] r0;
  wire signed [15:0] s0;
  round_shift32 round0(entering, entry_half, entry_shift, r0);
  saturate32 sat0(r0, s0);
  reg signed [15:0] a, a1, scale1, a2, b, c, d, below, kept, y;
  reg signed [31:0] sum, product2;
  wire signed [31:0] r1 = sum >>> scale_shift;
  wire signed [15:0] s1;
  saturate32 sat1(r1, s1);
  wire signed [15:0] s2, s3, s4, s5, s6;
  saturate32 sat2(b + (has[1] ? bias : 16'sd0), s2);
  wire signed [19:0] r3;
  round_shift20 round3(shortcut, shortcut_half, shortcut_shift, r3);
  saturate32 sat3(c + (has[2] ? r3 : 20'sd0), s3);
  reg signed [15:0] e, e2, e3;
  wire signed [15:0] g = has[4] ? gamma : 16'sd0;
  wire signed [15:0] z = has[5] ? zeta : 16'sd0;
  saturate32 sat4(e - g, s4);
  wire signed [31:0] r5 = product2 >>> slope_shift;
  saturate32 sat5(r5, s5);
  saturate32 sat6(kept + z, s6);
  reg signed [15:0] d1, d2;
  always @(posedge clk) begin
    a <= s0;
    a1 <= a;
    scale1 <= scale;
    sum <= a1 * scale1 + offset;
    a2 <= a1;
    b <= has[0] ? s1 : a2;
    c <= s2;
    e <= s3;
    d <= s4;
    d1 <= d;
    d2 <= d1;
    e2 <= e;
    product2 <= d * slope + $signed({1'b0, slope_half});
    e3 <= e2;
    below <= s5;
    kept <= d2 < 0 ? below : d2;
    y <= has[3] ? s6 : e3;
    bit <= gt ? y > alpha : y >= alpha;
    stored <= signs ? (bit ? unit : -unit) : y;
    sum_after <= sum_before + stored;
  end
endmodule
