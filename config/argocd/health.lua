-- Health of the kinds of isms-operator.io. Healthy means: this generation was assessed. It does not mean that a control
-- is satisfied: the verdict stands in the message, because Argo CD fails a sync of several waves on Degraded.
-- Argo CD opens neither string nor math for scripts in argocd-cm.
local degradedWhenUnmet = false

local verdicts = {AuditCycle = "AuditReady", Control = "Satisfied"}
local machinery = {Ready = true, Reconciling = true, Stalled = true}

local function health(status, message)
  return {status = status, message = message}
end

local function say(condition)
  local text = condition.type .. " " .. condition.status .. " (" .. (condition.reason or "") .. ")"
  if condition.message ~= nil and condition.message ~= "" then
    text = text .. ": " .. condition.message
  end
  return text
end

-- worst is the condition to show where a kind has no single verdict: the first that is False, else Unknown, else none.
local function worst(conditions)
  local unknown = nil
  for _, c in ipairs(conditions) do
    if not machinery[c.type] then
      if c.status == "False" then
        return c
      end
      if c.status == "Unknown" and unknown == nil then
        unknown = c
      end
    end
  end
  return unknown
end

local status = obj.status or {}
local byType = {}
for _, c in ipairs(status.conditions or {}) do
  byType[c.type] = c
end

local ready = byType.Ready
if ready == nil then
  return health("Progressing", "Waits for its first assessment.")
end
if ready.observedGeneration ~= obj.metadata.generation then
  return health("Progressing", "Waits for the assessment of its last change.")
end
if byType.Stalled ~= nil and byType.Stalled.status == "True" then
  return health("Degraded", say(byType.Stalled))
end
if ready.status ~= "True" then
  return health("Progressing", say(byType.Reconciling or ready))
end
if ready.reason == "Suspended" then
  return health("Suspended", ready.message or "Suspended.")
end

local verdict = byType[verdicts[obj.kind] or ""] or worst(status.conditions)
if verdict == nil then
  return health("Healthy", ready.message or "Assessed.")
end
local unmet = obj.kind == "Control" and verdict.status == "False"
    and byType.Implemented ~= nil and byType.Implemented.status == "True"
if degradedWhenUnmet and unmet then
  return health("Degraded", say(verdict))
end
return health("Healthy", say(verdict))
