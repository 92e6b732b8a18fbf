/** Asks before something is lost. Names the thing; the harmless way out has the focus. */
import { Button, Group, Modal, Stack, Text } from "@mantine/core"
import { useState, type ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { ErrorState } from "@/components/ui/states"

interface Question {
  title: string
  text: ReactNode
  act: string
  run: () => Promise<unknown>
}

/** The dialog, and what opens it: `ask({ title, text, act, run })`. A failure stays in the dialog. */
export function useConfirm(): [ReactNode, (question: Question) => void] {
  const { t } = useTranslation()
  const [question, ask] = useState<Question | null>(null)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const close = () => {
    ask(null)
    setFailure(null)
  }
  const go = async () => {
    setBusy(true)
    try {
      await question?.run()
      close()
    } catch (reason) {
      setFailure(reason)
    } finally {
      setBusy(false)
    }
  }
  const dialog = (
    <Modal opened={question !== null} onClose={close} title={question?.title} closeButtonProps={{ "aria-label": t("action.close") }}>
      <Stack>
        <Text component="div">{question?.text}</Text>
        {failure !== null && <ErrorState error={failure} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            {t("action.cancel")}
          </Button>
          <Button color="red" loading={busy} onClick={() => void go()}>
            {question?.act}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
  return [dialog, ask]
}
